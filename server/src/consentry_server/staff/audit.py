"""The trail of events."""

from django.contrib import admin

from consentry_server.audit.models import Event
from consentry_server.staff.reading import ReadOnly
from consentry_server.staff.site import pages


@admin.register(Event, site=pages)
class EventAdmin(ReadOnly):
    list_display = ("at", "name", "actor", "about")
    search_fields = ("name", "actor", "about")
    ordering = ("-id",)
    show_full_result_count = False
