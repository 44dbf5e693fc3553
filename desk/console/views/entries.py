"""Every answer the bot may give; an admin takes one out of use and puts it back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from console.views.common import account, draw
from conversations import access, services
from conversations.errors import DeskError
from staff.access import has_any_role, may_administer
from staff.models import Role


@require_GET
@login_required
def entries(request: HttpRequest) -> HttpResponse:
    """Every answer the bot may give, and which of them are withdrawn."""
    user = account(request)
    text = request.GET.get("text", "").strip()[:200]
    return draw(
        request,
        "console/entries.html",
        "entries",
        rows=_matching(access.entry_list(), text),
        text=text,
        may_administer=may_administer(user),
    )


def _matching(rows: list[access.EntryRow], text: str) -> list[access.EntryRow]:
    """Rows whose id, topic, title or answer contains the words, whatever their case."""
    words = text.casefold()
    return [
        row
        for row in rows
        if words
        in f"{row.entry.id} {row.entry.topic} {row.entry.title} {row.entry.answer}".casefold()
    ]


@require_POST
@login_required
def withdraw(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Take an answer out of use at once."""
    return _change_entry(request, entry_id, services.withdraw_entry, "is withdrawn")


@require_POST
@login_required
def restore(request: HttpRequest, entry_id: str) -> HttpResponse:
    """Put a withdrawn answer back into use."""
    return _change_entry(request, entry_id, services.restore_entry, "is in use again")


def _change_entry(
    request: HttpRequest, entry_id: str, change: Callable[..., object], outcome: str
) -> HttpResponse:
    if not has_any_role(request.user, Role.ADMIN):
        raise PermissionDenied("Only an admin may withdraw an answer or put it back.")
    try:
        change(entry_id, by=account(request))
        messages.success(request, f"{entry_id} {outcome}.")
    except DeskError as error:
        messages.error(request, error.detail)
    return redirect("console:entries")
