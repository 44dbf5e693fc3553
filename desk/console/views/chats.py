"""One conversation, and what is new in it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from console.views.common import account, draw, watching
from console.views.lists import lists
from conversations import access, services
from staff.access import may_chat, require_role
from staff.models import Role, User


@require_GET
@watching
def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """One conversation with everything said so far, and what may be done about it."""
    user = account(request)
    access.conversation_for_staff(user, conversation_id)
    context = {**lists(user), **_conversation_context(user, conversation_id, after=0)}
    return draw(
        request, "console/conversation.html", "console", shown=str(conversation_id), **context
    )


@require_GET
@watching
def news(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Messages after `?after=` and the parts of the page that change with control."""
    user = account(request)
    access.conversation_for_staff(user, conversation_id)
    given = request.GET.get("after", "0")
    after = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    context = _conversation_context(user, conversation_id, after)
    return render(request, "console/_news.html", context)


def _conversation_context(user: User, conversation_id: uuid.UUID, after: int) -> dict[str, Any]:
    transcript = access.transcript(conversation_id, after=after)
    found = transcript.conversation
    return {
        "conversation": found,
        "notes": transcript.notes,
        "messages_shown": transcript.messages,
        "entries_given": [message for message in transcript.messages if message.answer],
        "last_seq": found.last_seq,
        # Parts of an open page are drawn anew only when this changes: a button must not be
        # exchanged under the finger that presses it.
        "drawn": f"{found.epoch} {found.is_urgent} {found.urgent_at}",
        "flagged_at": found.urgent_at.isoformat() if found.urgent_at else "",
        "is_mine": found.specialist_id == user.pk,
        "may_chat": may_chat(user),
    }


@require_POST
@login_required
def typing(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Tell the family that their specialist is writing."""
    user = require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    found = access.conversation_for_staff(user, conversation_id)
    if found.specialist_id == user.pk:
        services.note_typing(conversation_id, by=user)
    return HttpResponse(status=204)
