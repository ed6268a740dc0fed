"""Data files and the ledger of accesses: to look at only, and never their bytes."""

from django.contrib import admin

from consentry_server.files.models import Access, DataFile
from consentry_server.staff.reading import ReadOnly
from consentry_server.staff.site import pages


@admin.register(DataFile, site=pages)
class DataFileAdmin(ReadOnly):
    list_display = ("id", "member", "source", "size", "created_at", "deleted_at", "blob_erased_at")
    list_select_related = ("member", "source")
    search_fields = ("member__username", "source__name", "sha256")
    # neither names nor metadata: both say things about a person
    fields = (
        "member",
        "source",
        "size",
        "sha256",
        "created_at",
        "completed_at",
        "deleted_at",
        "blob_erased_at",
    )
    show_full_result_count = False


@admin.register(Access, site=pages)
class AccessAdmin(ReadOnly):
    list_display = ("at", "kind", "project", "files", "size", "address", "fingerprint")
    list_filter = ("kind",)
    list_select_related = ("project",)
    search_fields = ("project__name", "address", "fingerprint")
    fields = ("at", "kind", "project", "files", "size", "address", "fingerprint")
    show_full_result_count = False
