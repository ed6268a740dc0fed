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
    datatypes = models.TextField(default="", blank=True)  # ids, separated by commas; data types are never removed
    once = models.CharField(max_length=255, null=True)  # noqa: DJ001 - the client's key of the request, for a day
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    blob_erased_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)  # when its bytes were last compared with `sha256`

    class Meta:
        indexes = [
            models.Index(fields=["member", "source", "id"], condition=PRESENT, name="present_files"),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False, blob_erased_at=None),
                name="blobs_to_erase",
            ),
            models.Index(fields=["checked_at", "id"], condition=PRESENT, name="files_to_check"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "member", "once"], condition=Q(once__isnull=False), name="one_file_per_key"
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk}"  # its name can say things about a person


class Pending(models.Model):
    """An upload that has begun: it holds the place of a file that nobody sees until it is complete."""

    file = models.OneToOneField(DataFile, models.CASCADE, primary_key=True, related_name="pending")
    # by which it began: once that ends the upload is over, even if the member comes back
    authorization = models.ForeignKey("sharing.Authorization", models.PROTECT, related_name="+")
    handle = models.CharField(max_length=64, unique=True)  # its key in the store's inbox
    length = models.BigIntegerField(default=0)  # as announced; 0: not resumable, sent as a whole
    received = models.BigIntegerField(default=0)  # of a resumable one: bytes that are safe on disk
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"upload of file {self.file_id}"


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
    a page of `exchange-member/` has one member; a download has one file and its bytes;
    links and archives have one member and so many files, an archive their bytes too.
    """

    class Kind(models.TextChoices):
        MEMBERS = "members", "looked at the list of its members"
        MEMBER = "member", "looked at the list of your files"
        DOWNLOAD = "download", "downloaded"
        LINKS = "links", "took download links to some of your files"
        ARCHIVE = "archive", "took some of your files in an archive"

    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+", db_index=False)
    first_member = models.BigIntegerField()
    last_member = models.BigIntegerField()
    # nobody looks for lines by file, and files stay: an index of them would cost as much as the rest of a line
    file = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="+", db_index=False)
    first_file = models.IntegerField(default=0)  # position in the list of readable files
    files = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)  # bytes of the answer to a download
    address = models.CharField(max_length=45)
    fingerprint = models.CharField(max_length=8)  # of the token; of no use to call with

    class Meta:
        verbose_name_plural = "accesses"
        # each line stands in the first and in one of the others
        indexes = [
            models.Index(fields=["project", "id"], name="accesses_by_project"),
            models.Index(
                fields=["last_member", "id"],
                condition=models.Q(first_member__gte=models.F("last_member")),
                name="accesses_of_a_member",
            ),
            models.Index(
                fields=["project", "id", "first_member", "last_member"],
                condition=models.Q(first_member__lt=models.F("last_member")),
                name="accesses_of_many",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by project {self.project_id} on {self.at:%Y-%m-%d %H:%M}"
