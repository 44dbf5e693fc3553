"""Runs the desk's management commands: `python manage.py <command>`."""

import os
import sys


def main() -> None:
    """Hand the command line to Django; a wrong setting ends in plain words, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from config.environment import SettingsError

    try:
        execute_from_command_line(sys.argv)
    except SettingsError as error:
        sys.exit(f"desk: {error}")


if __name__ == "__main__":
    main()
