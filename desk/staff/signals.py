"""What follows a sign-in, a sign-out and a failed sign-in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

import audit
from staff.models import User
from staff.presence import note_seen, note_signed_out


@receiver(user_logged_in)
def _signed_in(user: User, **_: Any) -> None:
    audit.record("staff.signed_in", actor=audit.staff_actor(user))
    note_seen(user)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        audit.record("staff.signed_out", actor=audit.staff_actor(user))
        note_signed_out(user, request.session.session_key)


@receiver(user_login_failed)
def _failed(**_: Any) -> None:
    # No name: people type their password into the wrong field.
    audit.record("staff.sign_in_failed", actor="system")
