"""What waits to be done after a commit; what each says stays sealed."""

from django.contrib import admin

from consentry_server.outbox.models import Effect
from consentry_server.staff.reading import ReadOnly
from consentry_server.staff.site import pages


@admin.register(Effect, site=pages)
class EffectAdmin(ReadOnly):
    list_display = ("id", "kind", "about", "due_at", "attempts", "finished_at", "dead_at", "reason")
    list_filter = ("kind", ("dead_at", admin.EmptyFieldListFilter), ("finished_at", admin.EmptyFieldListFilter))
    exclude = ("sealed",)
    ordering = ("-id",)
    show_full_result_count = False
