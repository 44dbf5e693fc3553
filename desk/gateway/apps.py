"""The gateway as Django sees it."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """An app without models: everything it shows belongs to others."""

    name = "gateway"
