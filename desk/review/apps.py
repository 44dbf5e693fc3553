"""Django's entry point to the app."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Names the app."""

    name = "review"
