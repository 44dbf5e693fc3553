"""The list of conversations, alone and as the first page, and the supervisor's view of all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from console.board import draw_mine, draw_urgent, draw_waiting, draw_with_bot, read_board, read_own
from console.views.common import account, draw, watching
from conversations import access
from staff.access import may_chat, may_supervise
from staff.models import User


def lists(request: HttpRequest, user: User, shown: str = "") -> dict[str, Any]:
    """What the list beside a conversation shows, `shown` marked as the one that is open."""
    state = access.live_state()
    board = read_board(state)
    own = read_own(user, board)
    is_all = shows_all(request)
    return {
        "board": board,
        "own": own,
        "mine_drawn": _marked(draw_mine(own), shown),
        "urgent_drawn": _marked(draw_urgent(state, board), shown),
        "waiting_drawn": _marked(draw_waiting(state, board), shown),
        "bot_drawn": _marked(draw_with_bot(state), shown),
        "shows_all": is_all,
        "finished": access.finished() if is_all else [],
        "shown": shown,
        "may_chat": may_chat(user),
        "may_supervise": may_supervise(user),
    }


def shows_all(request: HttpRequest) -> bool:
    """Whether the list is to show every conversation of the day."""
    return request.GET.get("view") == "all"


def _marked(drawn: SafeString, shown: str) -> SafeString:
    """A section drawn for everybody, with the row of one open conversation marked."""
    row = f'data-row="{shown}"'
    # Both strings are of our own making; an id that is none finds no row.
    return SafeString(drawn.replace(row, f'{row} aria-current="true"')) if shown else drawn


@require_GET
@watching
def home(request: HttpRequest) -> HttpResponse:
    """The queue, one's own conversations and what the bot is doing."""
    return draw(request, "console/home.html", "console", **lists(request, account(request)))


@require_GET
@watching
def conversation_list(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that is open already."""
    shown = request.GET.get("shown", "")
    return render(request, "console/_list.html", lists(request, account(request), shown))


@require_GET
@watching
def alerts(request: HttpRequest) -> HttpResponse:
    """What there is to hear of, for a page that shows no list."""
    user = account(request)
    board = read_board(access.live_state())
    context = {"board": board, "own": read_own(user, board)}
    return render(request, "console/_alerts.html", context)


@require_GET
@watching
def supervise(request: HttpRequest) -> HttpResponse:
    """Every live conversation: who waits, who holds what, who waits longest for an answer."""
    user = account(request)
    if not may_supervise(user):
        raise PermissionDenied("Only a supervisor sees every conversation at once.")
    is_piece = request.headers.get("X-Piece") == "yes"
    context = lists(request, user)
    if is_piece:
        return render(request, "console/_supervise.html", context)
    return draw(request, "console/supervise.html", "supervise", **context)
