"""What a specialist does to a conversation, one service each."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from console.views.common import account, acting
from conversations import services
from conversations.errors import AtCapacity


@acting
def claim(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Take a waiting conversation; beyond one's capacity only when that is confirmed."""
    try:
        services.claim_conversation(
            conversation_id,
            specialist=account(request),
            beyond_capacity=request.POST.get("beyond_capacity") == "yes",
        )
    except AtCapacity:
        # The page asks whether to take it all the same.
        url = reverse("console:conversation", args=[conversation_id])
        return redirect(f"{url}?full=yes")
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


@acting
def advise(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Tell the specialist who talks something that the family never sees."""
    services.advise(conversation_id, supervisor=account(request), text=request.POST.get("text", ""))
    messages.success(request, "Your advice stands beside the conversation.")
    return None


@acting
def step_in(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """Take a conversation from the specialist who holds it, as a supervisor."""
    services.step_in(conversation_id, supervisor=account(request))
    return None
