"""The console's pages. They parse, fetch through access, call one service and answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from conversations import access, services
from conversations.errors import DeskError, NewerMessages, UnknownConversation
from staff.access import has_any_role, may_administer, may_chat, may_watch, require_role
from staff.models import Role, User
from staff.presence import presence_of

type View = Callable[..., HttpResponse]
# Nothing to answer with: back to the conversation's page.
type Act = Callable[[HttpRequest, uuid.UUID], HttpResponse | None]


def watching(view: View) -> View:
    """Let in who may watch the console; others are told that their account may not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_watch(request.user):
            raise PermissionDenied("Your account may not see the console.")
        try:
            return view(request, *args, **kwargs)
        except UnknownConversation as error:
            raise Http404(error.detail) from error

    return login_required(guarded)


def account(request: HttpRequest) -> User:
    """The signed-in account; the guards above have seen to it that there is one."""
    return require_role(request.user, *Role)


def draw(request: HttpRequest, template: str, room: str, **context: Any) -> HttpResponse:
    """A page with what every page of the console shows."""
    user = account(request)
    presence = presence_of(user) if may_chat(user) else None
    return render(request, template, {"room": room, "presence": presence, **context})


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


def acting(view: Act) -> View:
    """Let a specialist act by POST; what cannot be done is said on the conversation's page."""

    @wraps(view)
    def guarded(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
        require_role(request.user, Role.SPECIALIST)
        try:
            done = view(request, conversation_id)
        except DeskError as error:
            messages.error(request, error.detail)
            done = None
        return done or redirect("console:conversation", conversation_id=conversation_id)

    return require_POST(login_required(guarded))


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
def close(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse | None:
    """End a conversation."""
    services.close_conversation(conversation_id, by="specialist", specialist=account(request))
    messages.success(request, "The conversation is closed. The family can still read it.")
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


@require_POST
@login_required
def reply(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Send a reply. 204 when the desk has it; else one sentence that says what to do."""
    user = require_role(request.user, Role.SPECIALIST)
    epoch, seen_seq = _number(request, "epoch"), _number(request, "seen_seq")
    if epoch is None:
        return _said("Not sent: reload this page. Your words are kept.", 422)
    client_id = _uuid(request, "client_id")
    if client_id is None:
        return _said("Not sent: client_id must be a UUID. Reload this page, then send again.", 422)
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
        return _said("New message above. Read it, then press Send again to send anyway.", 409)
    except DeskError as error:
        return _said(f"Not sent: {error.detail}", error.status)
    return HttpResponse(status=204)


def _number(request: HttpRequest, field: str) -> int | None:
    """A whole number of a form, or None where there is none."""
    given = request.POST.get(field, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None


def _uuid(request: HttpRequest, field: str) -> str | None:
    """A UUID of a form in its usual spelling, or None where there is none."""
    try:
        return str(uuid.UUID(request.POST.get(field, "")))
    except ValueError:
        return None


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


@require_POST
@login_required
def typing(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Tell the family that their specialist is writing."""
    user = require_role(request.user, Role.SPECIALIST)
    found = access.conversation_for_staff(user, conversation_id)
    if found.specialist_id == user.pk:
        services.note_typing(conversation_id, by=user)
    return HttpResponse(status=204)


@require_GET
@watching
def callbacks(request: HttpRequest) -> HttpResponse:
    """Promises to contact a family, the oldest first."""
    return draw(request, "console/callbacks.html", "callbacks", callbacks=access.open_callbacks())


@require_POST
@watching
def callback_done(request: HttpRequest, callback_id: int) -> HttpResponse:
    """Note that a family was contacted."""
    try:
        services.complete_callback(callback_id, by=account(request))
        messages.success(request, "Marked as done.")
    except DeskError as error:
        messages.error(request, error.detail)
    return redirect("console:callbacks")


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
