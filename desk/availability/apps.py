"""Django's entry point to the app."""

from django.apps import AppConfig


class AvailabilityConfig(AppConfig):
    """Names the app."""

    name = "availability"
