"""The list of conversations, alone and as the first page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from console.views.common import account, draw, watching
from conversations import access
from staff.access import may_chat
from staff.models import User


def lists(user: User) -> dict[str, Any]:
    """What the list beside a conversation shows."""
    waiting = access.queue_snapshot()
    watched = access.watched()
    urgent = [conversation for conversation in watched if conversation.is_urgent]
    urgent_waiting = [row for row in waiting if row.conversation.is_urgent]
    return {
        "mine": access.my_conversations(user),
        "urgent_waiting": urgent_waiting,
        "waiting": [row for row in waiting if not row.conversation.is_urgent],
        "waiting_count": len(waiting),
        "urgent": urgent,
        "watched": [conversation for conversation in watched if not conversation.is_urgent],
        "urgent_count": len(urgent) + len(urgent_waiting),
        "may_chat": may_chat(user),
    }


@require_GET
@watching
def home(request: HttpRequest) -> HttpResponse:
    """The queue, one's own conversations and what the bot is doing."""
    return draw(request, "console/home.html", "console", **lists(account(request)))


@require_GET
@watching
def conversation_list(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that is open already."""
    shown = request.GET.get("shown", "")
    return render(request, "console/_list.html", {**lists(account(request)), "shown": shown})
