"""Callbacks and left questions: the pages on which they are worked to their end."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, get_args

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.http import require_GET, require_POST

from console.views.common import account, draw, number, watching, words_of
from conversations import access, mail_texts, services
from conversations.access.follow_ups import Which
from conversations.errors import DeskError, UnknownCallback
from conversations.models import (
    MAIL_ON_ITS_WAY,
    AttemptChannel,
    AttemptResult,
    CallbackOutcome,
    MailState,
)
from conversations.services.mail import LONGEST_ANSWER
from staff.access import may_chat, require_role
from staff.models import Role, User

type Act = Callable[[HttpRequest, int], str]

# What the mail itself says of its sending is noted by the desk, not by hand.
_BY_HAND = [
    (result.value, result.label)
    for result in AttemptResult
    if result not in (AttemptResult.SENT, AttemptResult.NOT_SENT)
]


@require_GET
@watching
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits: all that is open, one's own, or the last ones that were done."""
    user = account(request)
    wanted = request.GET.get("show", "open")
    # The check beside it is one that mypy does not follow.
    shown: Which = wanted if wanted in get_args(Which.__value__) else "open"  # type: ignore[assignment]
    return draw(
        request,
        "console/follow_up.html",
        "follow_up",
        rows=access.follow_ups(user, shown),
        shown=shown,
        stuck_mails=access.stuck_mails(),
        records_due=len(access.records_to_complete(user)),
        may_chat=may_chat(user),
    )


@require_GET
@watching
def item(request: HttpRequest, callback_id: int) -> HttpResponse:
    """One of them: who asked, what for, what was tried, and what may be done now."""
    return _page(request, callback_id)


def _page(
    request: HttpRequest, callback_id: int, *, status: int = 200, **more: Any
) -> HttpResponse:
    user = account(request)
    try:
        found = access.follow_up(user, callback_id)
    except UnknownCallback as error:
        raise Http404(error.detail) from error
    page = draw(
        request,
        "console/follow_up_item.html",
        "follow_up",
        row=found,
        may_chat=may_chat(user),
        is_on_its_way=any(mail.state in MAIL_ON_ITS_WAY for mail in found.mails),
        is_alone=access.is_alone(user),
        colleagues=[other for other in access.possible_owners() if other != user],
        channels=AttemptChannel.choices,
        results=_BY_HAND,
        outcomes=CallbackOutcome.choices,
        **_mail_context(user, found),
        **more,
    )
    page.status_code = status
    return page


def _mail_context(user: User, found: access.FollowUp) -> dict[str, Any]:
    """What the form for an answer in writing shows: the mail as it will be sent."""
    callback = found.callback
    if not settings.SENDS_MAIL or not callback.email:
        return {}
    frame = mail_texts.answer_frame(user.shown_name, callback.reference)
    last = found.mails[-1] if found.mails else None
    is_lost = last is not None and last.state == MailState.FAILED and last.author_id == user.pk
    return {
        "frame": frame,
        "sender": settings.DEFAULT_FROM_EMAIL,
        "reply_to": settings.MAIL_REPLY_TO,
        "longest": LONGEST_ANSWER,
        "client_id": str(uuid.uuid4()),
        "wants_second_reader": access.second_reading_applies(user),
        # Nobody writes an answer twice because it came back.
        "unsent": frame.within(last.body) if is_lost and last else "",
    }


def acting(view: Act) -> Callable[[HttpRequest, int], HttpResponse]:
    """Let a specialist act by POST and say how it went.

    What cannot be done is said on the page, with what was typed still in its form.
    """

    @wraps(view)
    def guarded(request: HttpRequest, callback_id: int) -> HttpResponse:
        require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
        here = resolve_url("console:follow_up_item", callback_id=callback_id)
        try:
            messages.success(request, view(request, callback_id))
        except UnknownCallback as error:
            raise Http404(error.detail) from error
        except DeskError as error:
            return _page(
                request,
                callback_id,
                status=error.status,
                trouble=f"Not done. {words_of(error)}",
                typed=request.POST,
                stay=here,
            )
        return redirect(here)

    return require_POST(login_required(guarded))


@acting
def take(request: HttpRequest, callback_id: int) -> str:
    """Own it from now on; `from` says who had it when the page was drawn."""
    services.take_callback(callback_id, by=account(request), from_owner=number(request, "from"))
    return "It is yours now."


@acting
def hand_over(request: HttpRequest, callback_id: int) -> str:
    """Make a colleague its owner."""
    wanted = request.POST.get("to", "")
    for colleague in access.possible_owners():
        if str(colleague.pk) == wanted:
            services.hand_callback(callback_id, by=account(request), to=colleague)
            return f"{colleague.shown_name} has it now."
    raise DeskError("Choose a colleague from the list.")


@acting
def give_back(request: HttpRequest, callback_id: int) -> str:
    """Leave it to whoever takes it next."""
    services.give_back_callback(callback_id, by=account(request))
    return "Nobody owns it now; anybody may take it."


@acting
def attempt(request: HttpRequest, callback_id: int) -> str:
    """Note a try to reach the family."""
    services.note_attempt(
        callback_id,
        by=account(request),
        channel=request.POST.get("channel", ""),
        result=request.POST.get("result", ""),
        note=request.POST.get("note", ""),
    )
    return "The attempt is noted."


@acting
def complete(request: HttpRequest, callback_id: int) -> str:
    """Say how it ended."""
    services.complete_callback(
        callback_id,
        by=account(request),
        outcome=request.POST.get("outcome", ""),
        note=request.POST.get("outcome_note", ""),
    )
    return "It is done."


@acting
def reopen(request: HttpRequest, callback_id: int) -> str:
    """Open it again; it was no end."""
    services.reopen_callback(callback_id, by=account(request))
    return "It is open again, and yours."


@acting
def answer(request: HttpRequest, callback_id: int) -> str:
    """Answer in writing; it is done once the mail is out."""
    services.queue_answer_mail(
        callback_id,
        by=account(request),
        client_id=request.POST.get("client_id", ""),
        text=request.POST.get("text", ""),
    )
    if access.second_reading_applies(account(request)):
        return "Your answer waits for a colleague to read it."
    return "Your answer is on its way. This is done once the mail server has taken it."


@acting
def release(request: HttpRequest, callback_id: int) -> str:
    """Let a colleague's answer go out."""
    services.release_mail(number(request, "mail") or 0, reader=account(request))
    return "The answer is on its way."


@acting
def send_back(request: HttpRequest, callback_id: int) -> str:
    """Give a colleague's answer back with a remark, or take back one's own."""
    remark = request.POST.get("remark", "")
    services.return_mail(number(request, "mail") or 0, by=account(request), remark=remark)
    return "The answer was given back; nothing was sent."
