"""`manage.py run_worker`: the worker, until SIGTERM."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from turns.chores import house_chores
from turns.worker import Worker


class Command(BaseCommand):
    """Starts the worker."""

    help = "Finishes late turns, warns and closes idle conversations, erases what is too old."

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM or SIGINT."""
        asyncio.run(Worker(house_chores()).run())
