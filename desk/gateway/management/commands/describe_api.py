"""`manage.py describe_api`: the API's description, from the code."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from gateway.api import api


class Command(BaseCommand):
    """Prints what `/api/v1/openapi.json` serves."""

    help = "Prints the API's description: manage.py describe_api > ../contracts/openapi.json"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it with sorted keys, so that a change shows as what it is."""
        schema = json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False, sort_keys=True)
        self.stdout.write(schema)
