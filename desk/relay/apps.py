"""The relay as Django sees it."""

from django.apps import AppConfig


class RelayConfig(AppConfig):
    """Has the bot forget what the desk erases."""

    name = "relay"

    def ready(self) -> None:
        """Register with those who erase."""
        from relay.forgetting import forget_bot_session
        from retention import register_forgetter

        register_forgetter(forget_bot_session)
