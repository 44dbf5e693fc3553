"""Offering a conversation to a colleague, and answering an offer."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from console.views.common import account, acting_on, back, draw, watching
from conversations import access, services
from conversations.errors import DeskError
from staff.access import require_role
from staff.models import Role


@require_http_methods(["GET", "POST"])
@login_required
@watching
def offer(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Choose a connected colleague and offer them the conversation."""
    user = require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    found = access.conversation_for_staff(user, conversation_id)
    colleagues = [each for each in access.colleagues(user) if each.is_connected]
    if request.method == "GET":
        context = {"conversation": found, "colleagues": colleagues}
        return draw(request, "console/transfer.html", "console", **context)
    chosen = [each.user for each in colleagues if str(each.user.pk) == request.POST.get("to")]
    try:
        if not chosen:
            messages.error(request, "That colleague is gone. Choose another one.")
        else:
            note = request.POST.get("note", "")
            services.offer_transfer(conversation_id, specialist=user, to=chosen[0], note=note)
            messages.success(request, f"Offered to {chosen[0].shown_name}. You keep it until then.")
    except DeskError as error:
        messages.error(request, error.detail)
    return redirect("console:conversation", conversation_id=conversation_id)


@acting_on("transfer_id")
def accept(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Take the conversation that a colleague offers."""
    services.accept_transfer(transfer_id, specialist=account(request))
    return back(request)


@acting_on("transfer_id")
def decline(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Leave the conversation with the colleague who offers it."""
    note = request.POST.get("note", "")
    services.decline_transfer(transfer_id, specialist=account(request), note=note)
    messages.success(request, "Declined. Your colleague keeps the conversation and was told.")
    return redirect("console:home")


@acting_on("transfer_id")
def withdraw(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Take one's own offer back."""
    services.withdraw_transfer(transfer_id, specialist=account(request))
    return back(request)
