"""Making and resetting staff accounts."""

from __future__ import annotations

import secrets

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import transaction

import audit
from staff.models import Role, User

FIRST_ACCOUNTS = {"admin": Role.ADMIN, "specialist": Role.SPECIALIST, "reviewer": Role.REVIEWER}


def generate_password() -> str:
    """A random password of 108 bits, readable aloud: 18 letters and digits in groups of six."""
    alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    letters = "".join(secrets.choice(alphabet) for _ in range(18))
    return "-".join(letters[start : start + 6] for start in range(0, 18, 6))


@transaction.atomic
def set_up_account(username: str, role: Role, password: str) -> bool:
    """Make an account with one role, or give an existing one this password and role.

    Returns:
        Whether the account is new.

    Raises:
        django.core.exceptions.ValidationError: the name or the password cannot be used.
    """
    UnicodeUsernameValidator()(username)
    user = User.objects.select_for_update().filter(username=username).first()
    is_new = user is None
    if user is None:
        user = User(username=username, display_name=username.replace(".", " ").title())
    validate_password(password, user)
    user.set_password(password)
    user.is_active = True
    user.save()
    group, _ = Group.objects.get_or_create(name=role.value)
    user.groups.set([group])
    kind = "staff.created" if is_new else "staff.reset"
    audit.record(kind, actor="system", username=username, role=role.value)
    return is_new


@transaction.atomic
def set_up_first_accounts() -> dict[str, str]:
    """Make the first accounts where there is no account at all.

    Returns:
        Passwords by account name; empty when any account exists, so that one that somebody
        deleted never comes back.
    """
    if User.objects.exists():
        return {}
    passwords = {name: generate_password() for name in FIRST_ACCOUNTS}
    for name, role in FIRST_ACCOUNTS.items():
        set_up_account(name, role, passwords[name])
    return passwords
