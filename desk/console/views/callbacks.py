"""Promises to contact a family."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from console.views.common import account, draw, watching
from conversations import access, services
from conversations.errors import DeskError


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
