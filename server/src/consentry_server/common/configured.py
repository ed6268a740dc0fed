"""The settings, for those who look at them with every call."""

from typing import Any

from django.conf import settings


def configured() -> Any:
    """Return the settings as they are now: Django's lazy object takes 0.4 µs for each look, a call ten of them."""
    return object.__getattribute__(settings, "_wrapped")
