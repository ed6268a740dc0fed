from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

USERNAME = RegexValidator(r"\A[A-Za-z0-9_]+\Z", _("Use letters, digits and underscores only."))


class Member(AbstractUser):
    """A person with an account."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        max_length=40,
        unique=True,
        validators=[USERNAME],
        error_messages={"unique": _("That username is taken.")},
    )
    name = models.CharField(max_length=30, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)  # one of members.rules.LANGUAGES; empty: as the browser says
    about = models.TextField(blank=True)  # what a member says of themselves on their public page
    public_at = models.DateTimeField(null=True, blank=True)  # has a public page since then
    unwanted_mail = models.CharField(max_length=100, blank=True)  # as members.rules.keepable writes it

    class Meta:
        constraints = [models.UniqueConstraint(Lower("username"), name="member_username_any_case")]

    def __str__(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.username
