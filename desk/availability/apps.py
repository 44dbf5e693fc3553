"""Django's entry point to the app."""

from django.apps import AppConfig


class AvailabilityConfig(AppConfig):
    """Registers the audit entry kinds of this app."""

    name = "availability"

    def ready(self) -> None:
        from availability import audit_kinds  # noqa: F401  registration by import
