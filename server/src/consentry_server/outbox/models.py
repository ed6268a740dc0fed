from django.db import models
from django.db.models import Q

OPEN = Q(finished_at__isnull=True, dead_at__isnull=True)
FINISHED = Q(finished_at__isnull=False)
DEAD = Q(dead_at__isnull=False)


class Effect(models.Model):
    """Something that has to happen outside. `kind` and `about` are words: the outbox knows no tables."""

    kind = models.CharField(max_length=60)  # room.what
    about = models.CharField(max_length=60)  # such as project:3
    sealed = models.TextField()  # what to do, encrypted: it holds addresses and links; emptied when done
    put_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)  # counted when one begins, so that a crash counts too
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=100)
    finished_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200)  # why the last try failed

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], name="outbox_effect_open", condition=OPEN),
            models.Index(fields=["kind", "about", "id"], name="outbox_effect_dead", condition=DEAD),
            models.Index(fields=["finished_at"], name="outbox_effect_finished", condition=FINISHED),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
