from django.db import models


class MasterToken(models.Model):
    """A project's own bearer for all its members: its hash for look-up, sealed for its owner to read again."""

    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    rights = models.CharField(max_length=60)  # as tokens.rules.keepable writes them
    sha256 = models.BinaryField(max_length=32, unique=True)
    sealed = models.TextField()
    fingerprint = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # null: never
    replaced_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to the minute

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=models.Q(replaced_at=None, revoked_at=None),
                name="one_current_master_token_of_a_name",
            )
        ]

    def __str__(self) -> str:
        return f"token {self.fingerprint} of project {self.project_id}"


class ClientSecret(models.Model):
    """What an app proves itself with. Shown once, when it is made; two are alive while one replaces the other."""

    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    sha256 = models.BinaryField(max_length=32, unique=True)
    fingerprint = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)  # was replaced, and works beside its successor until then

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(ends_at=None), name="one_current_client_secret"
            )
        ]

    def __str__(self) -> str:
        return f"client secret {self.fingerprint} of project {self.project_id}"


class Family(models.Model):
    """All the tokens that came from one yes of a member: refreshed one after the other, ended together."""

    authorization = models.ForeignKey("sharing.Authorization", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # however often it is refreshed
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=10, blank=True)  # app, member, reuse or replay

    class Meta:
        indexes = [models.Index(fields=["authorization"], condition=models.Q(ended_at=None), name="living_families")]

    def __str__(self) -> str:
        return f"family {self.pk} of authorization {self.authorization_id}"


class AuthorizationCode(models.Model):
    """What an app exchanges for the first tokens of a family, once (RFC 6749 section 4.1.2)."""

    sha256 = models.BinaryField(max_length=32, unique=True)
    authorization = models.ForeignKey("sharing.Authorization", models.PROTECT, related_name="+")
    family = models.OneToOneField(Family, models.PROTECT, null=True, related_name="code")  # once it was exchanged
    redirect_uri = models.TextField()
    redirect_given = models.BooleanField()  # the app named the address, and has to name it again
    scope = models.CharField(max_length=300)
    code_challenge = models.CharField(max_length=128, blank=True)  # of the method S256
    nonce = models.CharField(max_length=500, blank=True)
    logged_in_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="codes_by_end"),
            models.Index(fields=["code_challenge"], condition=~models.Q(code_challenge=""), name="codes_by_challenge"),
        ]

    def __str__(self) -> str:
        return f"code {self.pk} of authorization {self.authorization_id}"


class AccessToken(models.Model):
    """An app's bearer for one member, for some hours."""

    sha256 = models.BinaryField(max_length=32, unique=True)
    family = models.ForeignKey(Family, models.CASCADE, related_name="access_tokens")
    scope = models.CharField(max_length=300)  # no more than its family has
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # was refreshed or revoked
    last_used_at = models.DateTimeField(null=True)  # to the minute

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="access_tokens_by_end")]

    def __str__(self) -> str:
        return f"access token {self.pk} of family {self.family_id}"


class RefreshToken(models.Model):
    """What an app gets its next tokens with, once. Used again later, it ends its family (RFC 9700 section 4.14)."""

    sha256 = models.BinaryField(max_length=32, unique=True)
    family = models.ForeignKey(Family, models.CASCADE, related_name="refresh_tokens")
    access_token = models.OneToOneField(AccessToken, models.CASCADE, related_name="refresh_token")  # came beside it
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # if nobody uses it
    replaced_at = models.DateTimeField(null=True)
    # the pair that it was replaced with, sealed, for a client that did not hear the answer; empty after that time
    successor = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["family"], condition=models.Q(replaced_at=None), name="one_current_refresh_token"
            )
        ]
        indexes = [models.Index(fields=["family"], condition=~models.Q(successor=""), name="kept_successors")]

    def __str__(self) -> str:
        return f"refresh token {self.pk} of family {self.family_id}"


class Device(models.Model):
    """An app on something without a browser that waits for a member to say yes elsewhere (RFC 8628)."""

    sha256 = models.BinaryField(max_length=32, unique=True)  # of the device code
    user_code = models.CharField(max_length=9, unique=True)
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    scope = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    interval = models.PositiveSmallIntegerField()  # seconds that it has to wait between two questions
    asked_at = models.DateTimeField(null=True)
    # who typed the code first: nobody else can say yes or no
    member = models.ForeignKey("members.Member", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    authorization = models.ForeignKey("sharing.Authorization", models.PROTECT, null=True, related_name="+")  # yes
    family = models.OneToOneField(Family, models.PROTECT, null=True, related_name="device")  # once it has its tokens

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="devices_by_end")]

    def __str__(self) -> str:
        return f"device {self.user_code} of project {self.project_id}"


class SigningKey(models.Model):
    """What id tokens are signed with: an RSA key, sealed. One that was retired is still told, to verify older ones."""

    kid = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"signing key {self.kid}"
