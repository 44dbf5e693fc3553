"""`manage.py migrate`, which leaves the database of a newer house alone."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader


class Command(migrate.Command):
    """Django's command, which by itself passes over migrations that it does not know."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate.

        Raises:
            CommandError: this code knows too little for the database, which stays as it is.
        """
        if unknown_migrations(connections[options["database"]]):
            raise CommandError(
                "The database was made by a newer version of this house: use that one."
            )
        super().handle(*args, **options)


def unknown_migrations(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """Return app and name of each migration that was applied and that these apps do not have."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    return sorted(
        key
        for key in loader.applied_migrations or {}
        if key not in known and key[0] in loader.migrated_apps
    )
