"""Closing a conversation with its contact record, and records that were left for later."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from console.forms import ContactRecordForm
from console.views.common import account, draw, number, watching
from conversations import access, services
from conversations.errors import DeskError, UnknownConversation
from conversations.models import Control
from staff.access import require_role
from staff.models import Role

_CLOSED = "The conversation is closed and recorded. The family can still read it."
_GONE_ON = {
    Control.QUEUE: "The contact is recorded. The family is back in line and waits for a person: "
    "your page was away too long.",
    Control.SPECIALIST: "The contact is recorded. The talk with the family goes on.",
    Control.BOT: "The contact is recorded. The family is with the chatbot again.",
}
_RECORDED = "The contact is recorded."
_NOT_HELD = (
    "You do not have this conversation now. What is still to record stands under Follow-up, "
    "“Records to complete”."
)


@require_http_methods(["GET", "POST"])
@login_required
def close(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """End a conversation: with its record, or at once, with the record left for later."""
    require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    if request.method == "POST" and "purpose" not in request.POST:
        return _close_at_once(request, conversation_id)
    epoch = number(request, "epoch") if request.method == "POST" else None
    return _write(request, conversation_id, epoch, is_closing=True)


def _close_at_once(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    try:
        services.close_conversation(conversation_id, by="specialist", specialist=account(request))
    except UnknownConversation as error:
        raise Http404(error.detail) from error
    except DeskError as error:
        messages.error(request, error.detail)
        return redirect("console:conversation", conversation_id=conversation_id)
    messages.success(
        request, "The conversation is closed. The family can still read it; its record is to do."
    )
    return redirect("console:home")


@require_http_methods(["GET", "POST"])
@login_required
def record(request: HttpRequest, conversation_id: uuid.UUID, epoch: int) -> HttpResponse:
    """Write or correct the record of a stretch that is over, or that goes on."""
    require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    return _write(request, conversation_id, epoch, is_closing=False)


def _write(
    request: HttpRequest, conversation_id: uuid.UUID, epoch: int | None, *, is_closing: bool
) -> HttpResponse:
    """The form of a record, and what becomes of it once it is filled in."""
    user = account(request)
    try:
        sheet = access.record_sheet(user, conversation_id, epoch)
    except UnknownConversation as error:
        raise Http404(error.detail) from error
    except DeskError as error:
        messages.error(request, _NOT_HELD if is_closing else error.detail)
        return redirect("console:conversation", conversation_id=conversation_id)
    form = ContactRecordForm(sheet, request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = _RECORDED
        try:
            if is_closing:
                _, control = services.close_and_record(
                    conversation_id, specialist=user, epoch=sheet.epoch, draft=form.draft()
                )
                told = _GONE_ON.get(control, _CLOSED)
            else:
                services.record_contact(
                    conversation_id, specialist=user, epoch=sheet.epoch, draft=form.draft()
                )
        except UnknownConversation as error:
            raise Http404(error.detail) from error
        except DeskError as error:
            form.add_error(None, error.detail)
        else:
            level = messages.WARNING if told in _GONE_ON.values() else messages.SUCCESS
            messages.add_message(request, level, told)
            return redirect("console:home" if is_closing else "console:records")
    page = draw(
        request,
        "console/contact_record.html",
        "records",
        form=form,
        sheet=sheet,
        is_closing=is_closing and sheet.is_running,
    )
    page.status_code = 422 if form.is_bound else 200
    return page


@require_GET
@watching
def to_complete(request: HttpRequest) -> HttpResponse:
    """One's own stretches of talk that are over and have no record yet."""
    stretches = access.records_to_complete(account(request))
    return draw(request, "console/records.html", "records", stretches=stretches)
