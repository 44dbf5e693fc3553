"""Replies to a family, and the second reader's part in them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from console.views.common import account, acting_on, back, number, said
from console.views.tools import resources_in
from conversations import access, services
from conversations.errors import DeskError, NewerMessages
from staff.access import require_role
from staff.models import Role


@require_POST
@login_required
def reply(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Send a reply, or hand it in for reading where that applies.

    204 when it is sent, 202 when it waits for a reader; else one sentence that says what to do,
    with the error's code in the header `X-Reason`.
    """
    user = require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    epoch, seen_seq = number(request, "epoch"), number(request, "seen_seq")
    if epoch is None:
        return said("Not sent: reload this page. Your words are kept.", 422)
    client_id = _uuid(request, "client_id")
    if client_id is None:
        return said("Not sent: client_id must be a UUID. Reload this page, then send again.", 422)
    reads_first = access.second_reading_applies(user)
    verb = services.hold_reply if reads_first else services.send_reply
    try:
        verb(
            conversation_id,
            specialist=user,
            client_id=client_id,
            text=request.POST.get("text", ""),
            epoch=epoch,
            seen_seq=seen_seq,
            resources=resources_in(request),
        )
    except NewerMessages as error:
        return _refused("New message above. Read it, then send anyway.", error)
    except DeskError as error:
        return _refused(f"Not sent: {error.detail}", error)
    return HttpResponse(status=202 if reads_first else 204)


def _refused(words: str, error: DeskError) -> HttpResponse:
    answer = said(words, error.status)
    answer.headers["X-Reason"] = error.code
    return answer


def _uuid(request: HttpRequest, field: str) -> str | None:
    """A UUID of a form in its usual spelling, or None where there is none."""
    try:
        return str(uuid.UUID(request.POST.get(field, "")))
    except ValueError:
        return None


@acting_on("held_id")
def release_reply(request: HttpRequest, held_id: int) -> HttpResponse:
    """Send a colleague's reply to the family."""
    services.release_reply(held_id, reader=account(request))
    messages.success(request, "Sent to the family.")
    return back(request)


@acting_on("held_id")
def return_reply(request: HttpRequest, held_id: int) -> HttpResponse:
    """Give a reply back to its author with a remark."""
    services.return_reply(held_id, reader=account(request), remark=request.POST.get("remark", ""))
    messages.success(request, "Returned to its author.")
    return back(request)


@acting_on("held_id")
def withdraw_reply(request: HttpRequest, held_id: int) -> HttpResponse:
    """Take one's own reply back from the reader."""
    services.withdraw_reply(held_id, author=account(request))
    return back(request)


@acting_on("held_id")
def confirm_reply(request: HttpRequest, held_id: int) -> HttpResponse:
    """Say that one's reply still fits, though something newer was written since."""
    services.confirm_reply(
        held_id, author=account(request), seen_seq=number(request, "seen_seq") or 0
    )
    messages.success(request, "It waits for its reader again.")
    return back(request)
