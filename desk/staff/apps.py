"""Django's entry point to the app."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Registers audit entry kinds and what follows a sign-in or sign-out."""

    name = "staff"

    def ready(self) -> None:
        from staff import audit_kinds, signals  # noqa: F401  registration by import
