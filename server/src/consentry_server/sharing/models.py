from django.db import models
from django.db.models import Q

LIVE = Q(revoked_at=None, suspended_at=None)


class ProjectMember(models.Model):
    """A member as one project knows them: by number only. It stays the same when they leave and come back."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+")
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    number = models.CharField(max_length=16, unique=True)  # the project member id
    created_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True)  # agreed to the consent text
    joined_text_sha256 = models.CharField(max_length=64, blank=True)  # of the text agreed to
    hidden_at = models.DateTimeField(null=True)  # does not want to be listed as a member
    muted_at = models.DateTimeField(null=True)  # wants no messages

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "project"], name="one_number_per_project")]

    def __str__(self) -> str:
        return f"{self.number} in project {self.project_id}"


class Authorization(models.Model):
    """This member lets this project in, from `authorized_at` to `revoked_at`."""

    project_member = models.ForeignKey(ProjectMember, models.PROTECT, related_name="authorizations")
    # Copies of two columns of project_member, so that one index serves the listing and its order.
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="authorizations")
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="authorizations")
    authorized_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)  # the member's account is shut meanwhile
    revoked_by = models.CharField(max_length=20, blank=True)  # member, project or account
    erasure_requested_at = models.DateTimeField(null=True)
    erasure_acknowledged_at = models.DateTimeField(null=True)  # the project says that it has seen it
    erasure_done_at = models.DateTimeField(null=True)  # the project says that it has erased all, or all that it may
    erasure_kept_because = models.CharField(max_length=300, blank=True)  # why it kept something, in its own words
    told_by = models.BigIntegerField(null=True)  # the outbox's effect that calls the project's webhook
    username_shared = models.BooleanField()
    all_sources = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project_member"],
                condition=Q(revoked_at=None),
                name="one_unrevoked_authorization",
            )
        ]
        indexes = [
            models.Index(fields=["project", "project_member"], condition=LIVE, name="live_members_of_project"),
            models.Index(fields=["member"], name="authorizations_of_member"),
            models.Index(
                fields=["project", "-revoked_at"],
                condition=Q(revoked_at__isnull=False),
                name="departed_members_of_project",
            ),
        ]

    def __str__(self) -> str:
        return f"authorization {self.pk} of project {self.project_id}"


class Grant(models.Model):
    """One source opened by one authorization."""

    authorization = models.ForeignKey(Authorization, models.CASCADE, related_name="grants")
    source = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authorization", "source"], name="one_grant_per_source")]

    def __str__(self) -> str:
        return f"source {self.source_id} in authorization {self.authorization_id}"


class Consent(models.Model):
    """Exactly what was shown and agreed to. Never changed: the database refuses it."""

    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="consents")
    text = models.TextField()  # the consent text, as the coordinator wrote it
    request = models.TextField()  # canonical JSON of the whole request, the text included
    sha256 = models.CharField(max_length=64)  # of `request`
    agreed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"consent {self.sha256[:8]} of {self.agreed_at:%Y-%m-%d}"


class Note(models.Model):
    """What a project writes down about one member. That member can read it."""

    project_member = models.OneToOneField(ProjectMember, models.CASCADE, related_name="note")
    text = models.TextField()
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"note of {self.written_at:%Y-%m-%d}"


class Tag(models.Model):
    """A word that a project puts to a member, to find those with the same together. That member can read it."""

    project_member = models.ForeignKey(ProjectMember, models.CASCADE, related_name="tags")
    # A copy of a column of project_member, so that one index serves a project's list of tags.
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_member", "name"], name="one_tag_of_a_name")]
        indexes = [models.Index(fields=["project", "name"], name="tags_of_project")]

    def __str__(self) -> str:
        return self.name
