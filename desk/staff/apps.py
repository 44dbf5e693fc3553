"""Django's entry point to the app."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Names the app."""

    name = "staff"
