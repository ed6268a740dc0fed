from django.db import models


class MasterToken(models.Model):
    """A project's own bearer for all its members: its hash for look-up, sealed for its owner to read again."""

    project = models.ForeignKey("projects.Project", models.PROTECT, related_name="+")
    sha256 = models.BinaryField(max_length=32, unique=True)
    sealed = models.TextField()
    fingerprint = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)  # null: never
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(replaced_at=None),
                name="one_current_master_token",
            )
        ]

    def __str__(self) -> str:
        return f"token {self.fingerprint} of project {self.project_id}"
