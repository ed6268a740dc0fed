from django.db import models
from django.db.models import Q

PRESENT = Q(completed_at__isnull=False, deleted_at=None)


class DataFile(models.Model):
    """Bytes and metadata about one member from one source."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+")
    source = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    basename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    metadata = models.TextField()  # JSON as it was uploaded: key order and numbers are kept
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    blob_erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["member", "source", "id"], condition=PRESENT, name="present_files"),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False, blob_erased_at=None),
                name="blobs_to_erase",
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"  # its name can say things about a person


class FileTotal(models.Model):
    """How many files and bytes a member has from a source, kept in the transaction that changes them."""

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="+")
    source = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    files = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "source"], name="one_total_per_source")]

    def __str__(self) -> str:
        return f"{self.files} files of member {self.member_id} from source {self.source_id}"


class Access(models.Model):
    """One request by a project that read data of members: a line of the ledger.

    A page of `members/` covers the project members from `first_member` to `last_member`;
    a page of `exchange-member/` has one member; a download has one file and its bytes.
    """

    class Kind(models.TextChoices):
        MEMBERS = "members", "looked at the list of its members"
        MEMBER = "member", "looked at the list of your files"
        DOWNLOAD = "download", "downloaded"

    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    first_member = models.BigIntegerField()
    last_member = models.BigIntegerField()
    file = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="+")
    first_file = models.IntegerField(default=0)  # position in the list of readable files
    files = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)  # bytes of the answer to a download
    address = models.CharField(max_length=45)
    fingerprint = models.CharField(max_length=8)  # of the token; of no use to call with

    class Meta:
        indexes = [models.Index(fields=["project", "last_member", "at"], name="accesses_of_members")]

    def __str__(self) -> str:
        return f"{self.kind} by project {self.project_id} on {self.at:%Y-%m-%d %H:%M}"
