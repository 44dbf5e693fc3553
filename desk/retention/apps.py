"""Django's entry point to the app."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """Names the app."""

    name = "retention"
