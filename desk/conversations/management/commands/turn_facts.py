"""`manage.py turn_facts`: what was recorded of every turn, for measuring; no message text."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from conversations.access import turn_facts


class Command(BaseCommand):
    """Prints one JSON object a line for each visitor message."""

    help = (
        "Print one line of JSON for each visitor message: id, the bot's candidates with "
        "confidence, what the safety guard found, and which texts were the reply. No words."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for facts in turn_facts():
            self.stdout.write(json.dumps(asdict(facts)))
