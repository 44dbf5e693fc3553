"""What a specialist does to a conversation, one service each."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from console.views.common import account, acting
from conversations import services


@acting
def claim(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Take a waiting conversation."""
    services.claim_conversation(conversation_id, specialist=account(request))
    return None


@acting
def take_over(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Take a conversation from the bot."""
    services.take_over_conversation(conversation_id, specialist=account(request))
    return None


@acting
def release(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Give a conversation back to the queue or to the bot."""
    to = "bot" if request.POST.get("to") == "bot" else "queue"
    services.release_conversation(conversation_id, specialist=account(request), to=to)
    return redirect("console:home")


@acting
def settle_urgent(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Take the urgent flag off; an alarm newer than the page keeps it."""
    flagged_at = request.POST.get("flagged_at", "")
    services.settle_urgent(conversation_id, specialist=account(request), flagged_at=flagged_at)
    return None


@acting
def note(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Keep a remark that the family never sees."""
    services.add_note(conversation_id, author=account(request), text=request.POST.get("text", ""))
    return None
