from django.db import models
from django.db.models import F, Q


class DataType(models.Model):
    """A kind of data, somewhere in a tree. It is never removed: files and projects name it by its id."""

    name = models.CharField(max_length=40)
    name_key = models.CharField(max_length=400, unique=True)  # without case, as both databases must agree on it
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    description = models.CharField(max_length=100)
    details = models.TextField(blank=True)
    uploadable = models.BooleanField()  # files can be of it; then nothing lies under it
    created_at = models.DateTimeField()

    class Meta:
        # longer cycles are refused by a trigger
        constraints = [models.CheckConstraint(condition=~Q(parent=F("id")), name="not_its_own_parent")]

    def __str__(self) -> str:
        return self.name
