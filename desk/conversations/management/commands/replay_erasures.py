"""`manage.py replay_erasures FILE`: erases what a restored backup brought back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.services import replay_erasures
from retention import ledger


class Command(BaseCommand):
    """Erases every conversation that a ledger names and that is still there."""

    help = "Erase every conversation that the ledger FILE names and that is still there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a ledger such as var/erasures.jsonl")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            named = ledger.read(options["file"])
        except (OSError, ValueError) as error:
            raise CommandError(f"the ledger cannot be read: {error}") from error
        count = replay_erasures(named)
        self.stdout.write(f"{count} of {len(named)} erased conversations were there and are gone")
