"""What every page of the console needs: guards, the account, the frame."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from conversations.errors import DeskError, UnknownConversation
from conversations.wording import sentence
from staff.access import may_chat, may_watch, require_role
from staff.models import Role, User
from staff.presence import own_presence

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
    presence = own_presence(user) if may_chat(user) else None
    sound = request.session.get("sound", "")
    return render(
        request, template, {"room": room, "presence": presence, "sound": sound, **context}
    )


def acting(view: Act) -> View:
    """Let a specialist act by POST; what cannot be done is said on the conversation's page."""

    @wraps(view)
    def guarded(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
        require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
        try:
            done = view(request, conversation_id)
        except DeskError as error:
            messages.error(request, words_of(error))
            done = None
        return done or redirect("console:conversation", conversation_id=conversation_id)

    return require_POST(login_required(guarded))


def acting_on(field: str) -> Callable[[Callable[..., HttpResponse]], View]:
    """Let a specialist act by POST on something that has a number of its own.

    What cannot be done is said on the page they came from, else on the first page.
    """

    def wrap(view: Callable[..., HttpResponse]) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
            try:
                return view(request, kwargs[field])
            except DeskError as error:
                messages.error(request, words_of(error))
                return back(request)

        return require_POST(login_required(guarded))

    return wrap


def back(request: HttpRequest) -> HttpResponse:
    """To the page that a form names as its own, else to the first one."""
    return redirect(ours(request, request.POST.get("next", "")))


def ours(request: HttpRequest, address: str) -> str:
    """The address where it is one of ours, else that of the first page."""
    if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return address
    return resolve_url("console:home")


def words_of(error: DeskError) -> str:
    """Why something was refused, with each field that has to be changed."""
    fields = [
        f"{item['field'].replace('_', ' ').capitalize()}: {sentence(item['message'])}"
        for item in error.data.get("errors", ())
    ]
    return " ".join(fields) or error.detail


def number(request: HttpRequest, field: str) -> int | None:
    """A whole number of a form, or None where there is none."""
    given = request.POST.get(field, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else None


def said(words: str, status: int) -> HttpResponse:
    """One sentence for whoever pressed a button."""
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
