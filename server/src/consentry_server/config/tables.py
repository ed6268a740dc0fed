"""Which tables there are."""


class OursOnly:
    """Keeps the toolkit's tables out of every database, that of a test included: nothing ever reads or fills them."""

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool | None:  # noqa: ARG002 - as Django asks
        """Say no for the toolkit, and nothing about all others."""
        return False if app_label == "oauth2_provider" else None
