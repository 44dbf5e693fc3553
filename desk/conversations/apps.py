"""Django's entry point to the app."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Registers the system checks, the audit entry kinds and the eraser of this app."""

    name = "conversations"

    def ready(self) -> None:
        from conversations import audit_kinds, checks, erasers  # noqa: F401  registration by import
