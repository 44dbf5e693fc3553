"""Turns as Django sees them."""

from django.apps import AppConfig


class TurnsConfig(AppConfig):
    """An app without models of its own: a turn is stored with its conversation."""

    name = "turns"
