from django.db import models


class Message(models.Model):
    """What a project wrote to its members, once for all of them."""

    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    subject = models.TextField(blank=True)
    text = models.TextField()
    to_all = models.BooleanField()
    recipients = models.PositiveIntegerField(default=0)
    written_at = models.DateTimeField()
    once = models.CharField(max_length=32, blank=True)  # a filled-in form, of which a second click sends nothing

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "once"], condition=~models.Q(once=""), name="one_message_per_form"
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk} of project {self.project_id}"


class Delivery(models.Model):
    """One message to one member: waiting until `sent_at` or `withheld_at`."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="deliveries")
    authorization = models.ForeignKey("sharing.Authorization", models.PROTECT, related_name="+")
    queued_at = models.DateTimeField(null=True)  # an effect of its own is in the outbox
    sent_at = models.DateTimeField(null=True)
    withheld_at = models.DateTimeField(null=True)  # the member had left or muted the project by then

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["message", "authorization"], name="one_delivery_per_member")]
        indexes = [
            models.Index(fields=["message", "id"], condition=models.Q(queued_at=None), name="deliveries_to_queue"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk} of message {self.message_id}"


class Reply(models.Model):
    """What a member wrote to a project. Its text is forgotten once it is mailed."""

    authorization = models.ForeignKey("sharing.Authorization", models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["authorization", "written_at"], name="replies_of_member")]

    def __str__(self) -> str:
        return f"reply {self.pk}"
