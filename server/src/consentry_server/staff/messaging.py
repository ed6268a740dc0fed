"""What projects wrote to whom: to look at only."""

from django.contrib import admin

from consentry_server.messaging.models import Delivery, Message
from consentry_server.staff.reading import ReadOnly
from consentry_server.staff.site import pages


@admin.register(Message, site=pages)
class MessageAdmin(ReadOnly):
    list_display = ("written_at", "project", "subject", "to_all", "recipients")
    list_select_related = ("project",)
    search_fields = ("project__name", "subject")
    show_full_result_count = False


@admin.register(Delivery, site=pages)
class DeliveryAdmin(ReadOnly):
    list_display = ("id", "message", "authorization", "queued_at", "sent_at", "withheld_at")
    list_select_related = ("message", "authorization")
    list_filter = (("sent_at", admin.EmptyFieldListFilter),)
    search_fields = ("message__project__name", "authorization__project_member__number")
    raw_id_fields = ("authorization",)
    show_full_result_count = False
