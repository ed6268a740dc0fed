from django.db import models

ON_SITE, OAUTH2, OWN = "on-site", "oauth2", "own"


class Project(models.Model):
    """A study or an app. `approved_at` lifts the cap and lists it; `paused_at` closes it to new members.

    An approved project that differs from what was reviewed has `changed_at`; if it asks for more than that,
    `unlisted_at`, and until it is reviewed again no more members than `room_meanwhile`.
    """

    class Kind(models.TextChoices):
        ON_SITE = ON_SITE, "On-site"
        OAUTH2 = OAUTH2, "OAuth2"
        OWN = OWN, "Members' own uploads"  # one in each installation: a source that nobody runs or joins

    kind = models.CharField(max_length=8, choices=Kind.choices)
    coordinator = models.ForeignKey("members.Member", models.PROTECT, null=True, related_name="projects")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=120, unique=True)
    leader = models.CharField(max_length=100)
    organization = models.CharField(max_length=100, blank=True)
    contact_email = models.EmailField()
    info_url = models.URLField()
    jogl_page = models.URLField(blank=True)
    short_description = models.CharField(max_length=140)
    long_description = models.TextField()
    returned_data_description = models.CharField(max_length=140, blank=True)
    badge_image = models.CharField(max_length=64, blank=True)  # a key in the store
    is_study = models.BooleanField()
    is_academic_or_nonprofit = models.BooleanField()
    add_data = models.BooleanField(default=False)
    explore_share = models.BooleanField(default=False)
    request_username_access = models.BooleanField()
    requested_sources = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="requested_by")
    erasure_supported = models.BooleanField(default=False)
    deauth_email_notification = models.BooleanField(default=False)
    deauth_webhook = models.CharField(max_length=256, blank=True)  # is called when a member leaves
    consent_text = models.TextField(blank=True)
    post_sharing_url = models.URLField(blank=True)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    unlisted_at = models.DateTimeField(null=True, blank=True)
    room_meanwhile = models.PositiveIntegerField(null=True, blank=True)
    featured_at = models.DateTimeField(null=True, blank=True)  # on the front page since; staff choose
    searched = models.TextField(default="", blank=True)  # its words as the directory looks for them
    # set by staff
    all_sources_access = models.BooleanField(default=False)
    eternal_tokens_allowed = models.BooleanField(default=False)
    any_datatypes = models.BooleanField(default=False)  # its files may be of any data type
    auto_add_datatypes = models.BooleanField(default=False)  # they are of all its types if none is named
    # Live authorizations, kept in the transaction that changes them: counting 200,000 rows costs more than a page.
    authorized_members = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=models.Q(kind=OWN), name="one_source_of_own_uploads"),
            models.CheckConstraint(
                condition=models.Q(kind=OWN) ^ models.Q(coordinator__isnull=False), name="somebody_runs_each_project"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def id_label(self) -> str:
        """Name on the wire of this project as a source of files."""
        return f"direct-sharing-{self.pk}"

    @property
    def active(self) -> bool:
        return self.paused_at is None


class Client(models.Model):
    """An OAuth2 project as the app that sends members here: its id, and where they may be sent back to."""

    project = models.OneToOneField(Project, models.PROTECT, related_name="client")
    client_id = models.CharField(max_length=40, unique=True)
    redirect_uris = models.TextField()  # one a line
    enrollment_url = models.URLField()
    terms_url = models.URLField()
    public = models.BooleanField(default=False)  # keeps no secret: an app on people's own machines
    pkce_required = models.BooleanField(default=True)
    device_allowed = models.BooleanField(default=False)  # on things without a browser

    def __str__(self) -> str:
        return f"client of project {self.project_id}"

    @property
    def addresses(self) -> list[str]:
        """Where members may be sent back to."""
        return self.redirect_uris.split()


class WebhookSecret(models.Model):
    """What a project's webhooks are signed with, sealed for its coordinator to read again."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    sealed = models.TextField()
    fingerprint = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)  # was replaced, and signs beside its successor until then

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(ends_at=None), name="one_current_webhook_secret"
            )
        ]

    def __str__(self) -> str:
        return f"webhook secret {self.fingerprint} of project {self.project_id}"


class Registration(models.Model):
    """A data type of which a project's files may be. Types are of a room beside this one, and never removed."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="registrations")
    datatype_id = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "datatype_id"], name="registered_once")]

    def __str__(self) -> str:
        return f"data type {self.datatype_id} of project {self.project_id}"


class Version(models.Model):
    """A project's description as it stood at one moment. Rows are never changed."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="versions")
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "sha256"], name="each_version_once")]

    def __str__(self) -> str:
        return f"version {self.sha256[:8]} of project {self.project_id}"


OPEN = models.Q(approved_at=None, returned_at=None, withdrawn_at=None)


class Review(models.Model):
    """One version on its way to an approval: asked for, then approved, returned or withdrawn."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="reviews")
    version = models.ForeignKey(Version, models.PROTECT, related_name="reviews")
    asked_by = models.ForeignKey("members.Member", models.PROTECT, null=True, related_name="+")  # None: a command
    asked_at = models.DateTimeField()
    note = models.TextField(blank=True)  # of the coordinator, to reviewers
    decided_by = models.ForeignKey("members.Member", models.PROTECT, null=True, related_name="+")
    checked = models.CharField(max_length=200, blank=True)  # codes of what the reviewer looked at
    reason = models.TextField(blank=True)  # why it was returned
    approved_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project"], condition=OPEN, name="one_open_review")]

    def __str__(self) -> str:
        return f"review {self.pk} of project {self.project_id}"

    @property
    def open(self) -> bool:
        """Whether nobody has decided yet."""
        return not (self.approved_at or self.returned_at or self.withdrawn_at)


class Remark(models.Model):
    """What a reviewer and a coordinator say to each other about a review."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="remarks")
    author = models.ForeignKey("members.Member", models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"remark {self.pk} on review {self.review_id}"


class Reviewer(models.Model):
    """A member whom staff let review projects, until `ended_at`."""

    member = models.OneToOneField("members.Member", models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"reviewer {self.member_id}"


class Colleague(models.Model):
    """Somebody who helps to run a project. Its owner is none of them: that is `Project.coordinator`."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)
    since = models.DateTimeField()
    invited_by = models.ForeignKey("members.Member", models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(null=True)  # the owner would hand the project over to them

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "member"], name="one_role_in_a_project"),
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(offered_at__isnull=False), name="one_offer_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["manager", "analyst", "messenger", "auditor"]), name="a_role_that_is_given"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.member_id} of project {self.project_id}"


UNANSWERED = models.Q(accepted_at=None, ended_at=None)


class Invitation(models.Model):
    """Somebody was asked into a team. `member` is who had that username then; nobody, if nobody had it.

    One by e-mail is for whoever proves that the address is theirs.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    invited = models.CharField(max_length=254)  # as it was typed
    address = models.CharField(max_length=254, blank=True)  # in small letters; "" for one by username
    member = models.ForeignKey("members.Member", models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=10)
    invited_by = models.ForeignKey("members.Member", models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # taken back, declined, or replaced by another

    class Meta:
        indexes = [models.Index(fields=["address"], condition=UNANSWERED, name="unanswered_by_address")]

    def __str__(self) -> str:
        return f"invitation {self.pk} to project {self.project_id}"


class Announcement(models.Model):
    """Something that the members of a project are told by mail, one after the other."""

    class Kind(models.TextChoices):
        APPROVED = "approved", "It was reviewed and approved"
        UNAPPROVED = "unapproved", "Its approval was taken back"

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    made_at = models.DateTimeField()
    told_up_to = models.BigIntegerField(default=0)  # the last member's place in the project who has a mail coming

    def __str__(self) -> str:
        return f"announcement {self.pk} of project {self.project_id}"
