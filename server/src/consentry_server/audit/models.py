from django.db import models


class Event(models.Model):
    """One line of the trail. `actor` and `about` are words such as `member:5`: the trail knows no tables."""

    at = models.DateTimeField()
    name = models.CharField(max_length=60, db_index=True)  # of parts, searched by prefix
    actor = models.CharField(max_length=60, db_index=True)
    about = models.CharField(max_length=60, db_index=True)
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.name} {self.about}"
