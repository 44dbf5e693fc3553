"""The reviewers' pages. They read, and that is on record; an admin may erase."""

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
from django.views.decorators.http import require_GET

from conversations import access, services
from conversations.errors import UnknownConversation
from review.forms import FilterForm
from staff.access import may_administer, may_review, require_role
from staff.models import Role


def reviewing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in who may read transcripts."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_review(request.user):
            raise PermissionDenied("Your account may not read transcripts.")
        return view(request, *args, **kwargs)

    return require_GET(login_required(guarded))


@reviewing
def transcripts(request: HttpRequest) -> HttpResponse:
    """Conversations, the latest first, narrowed by state, flag, date and words."""
    form = FilterForm(request.GET)
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdecimal() and len(number) < 8 else 1
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "room": "review",
        "form": form,
        "found": access.review_page(form.filters(), page),
        "query": query.urlencode(),
    }
    return render(request, "review/list.html", context)


@reviewing
def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """One transcript with everything recorded about each turn."""
    user = require_role(request.user, *Role)
    try:
        access.conversation_for_staff(user, conversation_id)
        transcript = access.transcript(conversation_id)
        services.note_transcript_read(conversation_id, by=user)
    except UnknownConversation as error:
        raise Http404(error.detail) from error
    context = {
        "room": "review",
        "transcript": transcript,
        "notes": access.notes_for(user, transcript.notes),
        "may_administer": may_administer(user),
    }
    return render(request, "review/conversation.html", context)


@login_required
def erase(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Erase a conversation whose family asks for it and has lost its way into the chat."""
    user = require_role(request.user, Role.ADMIN)
    if request.method != "POST":
        # After a sign-in that came between: what was pressed is not done, and stands there again.
        return redirect("review:conversation", conversation_id=conversation_id)
    if request.POST.get("sure") != "yes":
        messages.error(request, "Nothing was erased: mark that the family has asked for it.")
        return redirect("review:conversation", conversation_id=conversation_id)
    try:
        services.erase_conversation(conversation_id, by=user)
    except UnknownConversation as error:
        raise Http404(error.detail) from error
    messages.success(request, "The conversation is erased.")
    return redirect("review:list")
