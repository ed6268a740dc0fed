from django.db import models

ON_SITE, OAUTH2 = "on-site", "oauth2"


class Project(models.Model):
    """A study or an app. `approved_at` lifts the cap and lists it; `paused_at` closes it to new members."""

    class Kind(models.TextChoices):
        ON_SITE = ON_SITE, "On-site"
        OAUTH2 = OAUTH2, "OAuth2"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    coordinator = models.ForeignKey("members.Member", models.PROTECT, related_name="projects")
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
    consent_text = models.TextField(blank=True)
    post_sharing_url = models.URLField(blank=True)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    # set by staff
    all_sources_access = models.BooleanField(default=False)
    eternal_tokens_allowed = models.BooleanField(default=False)
    # Live authorizations, kept in the transaction that changes them: counting 200,000 rows costs more than a page.
    authorized_members = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name

    @property
    def id_label(self) -> str:
        """Name on the wire of this project as a source of files."""
        return f"direct-sharing-{self.pk}"

    @property
    def active(self) -> bool:
        return self.paused_at is None
