"""One conversation, what is new in it, who looks at it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from console.views.common import account, draw, number, said, watching
from console.views.lists import lists, shows_all
from conversations import access, services
from conversations.errors import DeskError
from conversations.models import HeldReplyState, TransferState
from staff.access import may_chat, may_supervise, require_role
from staff.models import Role, User

# How an offer ends that leaves the conversation with whoever made it.
_REFUSED = (TransferState.DECLINED, TransferState.LAPSED)


@require_GET
@watching
def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """One conversation with everything said so far, and what may be done about it.

    An open page that turns to it has a list, and asks for a new one by itself.
    """
    user = account(request)
    found = access.transcript(conversation_id)
    if found.conversation.specialist_id != user.pk:
        services.note_transcript_read(conversation_id, by=user)
    is_piece = request.headers.get("X-Piece") == "yes"
    context = {
        **({} if is_piece else lists(request, user, str(conversation_id))),
        "shows_all": shows_all(request),
        **_context(user, found),
        "is_full": request.GET.get("full") == "yes",
        "viewers": access.viewers(conversation_id, other_than=user),
        "summary": access.case_summary(found, now=timezone.now()),
    }
    return draw(request, "console/conversation.html", "console", **context)


@require_GET
@watching
def news(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Messages after `?after=` and the parts of the page that change with control."""
    user = account(request)
    given = request.GET.get("after", "0")
    after = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
    transcript = access.talk(user, conversation_id, after=after)
    return render(request, "console/_news.html", _context(user, transcript))


def _context(user: User, transcript: access.Transcript) -> dict[str, Any]:
    found = transcript.conversation
    last = access.last_transfer(found.pk)
    offer = last if last and last.state == TransferState.OFFERED else None
    to_read, own = access.held_replies(user)
    held = [each for each in (*to_read, *own) if each.conversation_id == found.pk]
    returned = [each for each in held if each.state == HeldReplyState.RETURNED]
    is_mine = found.specialist_id == user.pk
    is_alone = bool(held) and access.is_alone(user)
    return {
        "conversation": found,
        "notes": access.notes_for(user, transcript.notes),
        "messages_shown": transcript.messages,
        "last_seq": found.last_seq,
        # Parts of an open page are drawn anew only when this changes: a button must not be
        # exchanged under the finger that presses it.
        "drawn": f"{found.epoch} {found.is_urgent} {found.urgent_at}",
        "flagged_at": found.urgent_at.isoformat() if found.urgent_at else "",
        "is_mine": is_mine,
        "offer": offer,
        "refused": last if is_mine and last and last.state in _REFUSED else None,
        "held_here": held,
        "returned_text": returned[-1].text if returned and is_mine else "",
        "is_alone": is_alone,
        "banners_drawn": " ".join(
            [
                str(found.epoch),
                f"offer {last.pk} {last.state}" if last else "",
                f"lost {found.lost_specialist_id}",
                "alone" if is_alone else "",
                *(f"{each.pk} {each.state} {vars(each)['is_overtaken']}" for each in held),
            ]
        ),
        "reads_first": is_mine and access.second_reading_applies(user),
        # Without scripts a reply needs an id of its own, too.
        "client_id": uuid.uuid4(),
        "may_chat": may_chat(user),
        "may_supervise": may_supervise(user),
    }


@require_POST
@watching
def view(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Note how far the account has read, and tell which colleagues look on or type."""
    user = account(request)
    try:
        services.note_view(conversation_id, user=user, seq=number(request, "seq") or 0)
    except DeskError as error:
        return said(error.detail, error.status)
    viewers = access.viewers(conversation_id, other_than=user)
    return render(request, "console/_viewers.html", {"viewers": viewers})


@require_POST
@watching
def typing(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Tell the family that their specialist is writing, and colleagues who writes."""
    user = require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    found = access.conversation_for_staff(user, conversation_id)
    if found.specialist_id == user.pk:
        services.note_typing(conversation_id, by=user)
    services.note_typing_staff(conversation_id, by=user)
    return HttpResponse(status=204)
