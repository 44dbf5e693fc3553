"""`manage.py staff NAME ROLE`: makes a staff account, or resets its password and role."""

import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff.models import Role
from staff.services import generate_password, set_up_account, set_up_first_accounts


class Command(BaseCommand):
    """Makes or resets a staff account; prints a password only if it generated one."""

    help = (
        "Make a staff account or reset its password and role. The password is the first line of "
        "standard input; without one, a generated password is printed once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="account name, for example ana")
        parser.add_argument("role", nargs="?", choices=Role.values)
        parser.add_argument(
            "--first",
            action="store_true",
            help="make the accounts admin, specialist and reviewer where there is none at all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["first"]:
            for name, password in set_up_first_accounts().items():
                self._show(name, password)
            return
        if not options["name"] or not options["role"]:
            raise CommandError(
                f"give a name and a role ({', '.join(Role.values)}): staff ana specialist"
            )
        given = _first_line()
        password = given or generate_password()
        try:
            is_new = set_up_account(options["name"], Role(options["role"]), password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if given:
            done = "made" if is_new else "reset"
            self.stdout.write(f"staff account {options['name']} {done}")
        else:
            self._show(options["name"], password)

    def _show(self, name: str, password: str) -> None:
        self.stdout.write(f"staff account {name}: {password}")


def _first_line() -> str:
    """The password handed in on standard input; "" from a terminal or an empty input."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    return sys.stdin.readline().rstrip("\r\n")
