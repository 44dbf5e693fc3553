"""Replies to a family."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from console.views.common import number, said
from conversations import services
from conversations.errors import DeskError, NewerMessages
from staff.access import require_role
from staff.models import Role


@require_POST
@login_required
def reply(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Send a reply. 204 when the desk has it; else one sentence that says what to do."""
    user = require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    epoch, seen_seq = number(request, "epoch"), number(request, "seen_seq")
    if epoch is None:
        return said("Not sent: reload this page. Your words are kept.", 422)
    client_id = _uuid(request, "client_id")
    if client_id is None:
        return said("Not sent: client_id must be a UUID. Reload this page, then send again.", 422)
    try:
        services.send_reply(
            conversation_id,
            specialist=user,
            client_id=client_id,
            text=request.POST.get("text", ""),
            epoch=epoch,
            seen_seq=seen_seq,
        )
    except NewerMessages:
        return said("New message above. Read it, then press Send again to send anyway.", 409)
    except DeskError as error:
        return said(f"Not sent: {error.detail}", error.status)
    return HttpResponse(status=204)


def _uuid(request: HttpRequest, field: str) -> str | None:
    """A UUID of a form in its usual spelling, or None where there is none."""
    try:
        return str(uuid.UUID(request.POST.get(field, "")))
    except ValueError:
        return None
