"""The page about the service itself: who is there, its hours, and closing it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from availability import access, content
from availability.errors import ClosureRefused
from availability.services import LONGEST_MESSAGE, close_service, lift_closure
from availability.state import service_state
from console.views.common import account, draw, watching
from staff.access import may_administer, require_role
from staff.models import Role


@require_GET
@watching
def service(request: HttpRequest) -> HttpResponse:
    """Whether families can reach a person now, who is there, and when the service is open."""
    now = timezone.now()
    zone = ZoneInfo(content.organisation().time_zone)
    return draw(
        request,
        "console/service.html",
        "service",
        state=service_state(now),
        closures=access.closures_after(now),
        present=access.present(now),
        days=access.coming_days(now),
        zone=zone.key,
        earliest=f"{now.astimezone(zone) + timedelta(minutes=5):%Y-%m-%dT%H:%M}",
        is_always_open=settings.SERVICE_HOURS == "always",
        longest_message=LONGEST_MESSAGE,
        may_administer=may_administer(account(request)),
    )


@require_POST
@login_required
def close(request: HttpRequest) -> HttpResponse:
    """Close the service from now on; nobody who waits or talks is cut."""

    def act() -> str:
        user = require_role(request.user, Role.ADMIN)
        until = _moment(request.POST.get("until", ""))
        close_service(by=user, until=until, message=request.POST.get("message", ""))
        return "The service is closed for new requests. Open chats go on."

    return _done(request, act)


@require_POST
@login_required
def lift(request: HttpRequest, closure_id: int) -> HttpResponse:
    """Open the service again, within its hours."""

    def act() -> str:
        lift_closure(closure_id, by=require_role(request.user, Role.ADMIN))
        return "The closing is lifted. The usual hours hold again."

    return _done(request, act)


def _done(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except ClosureRefused as error:
        messages.error(request, error.detail)
    return redirect("console:service")


def _moment(typed: str) -> datetime | None:
    """A time of a form, read on the organisation's clocks; None for an empty field.

    Raises:
        ClosureRefused: it is no time.
    """
    if not typed.strip():
        return None
    try:
        local = datetime.fromisoformat(typed.strip())
        zone = ZoneInfo(content.organisation().time_zone)
        return local.replace(tzinfo=local.tzinfo or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ClosureRefused("Write the time like 2026-11-23T15:30.") from None
