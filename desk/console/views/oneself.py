"""What staff do for themselves: the sound, how many conversations they take, signing out."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from console.views.common import back, draw, number, ours, watching
from conversations import access, services
from staff.access import may_chat, require_role
from staff.models import Role, User
from staff.presence import set_capacity

logger = logging.getLogger(__name__)

SOUNDS = ("on", "off")


@require_POST
@watching
def sound(request: HttpRequest) -> HttpResponse:
    """Remember, until sign-out, whether alerts sound here."""
    if request.POST.get("sound") in SOUNDS:
        request.session["sound"] = request.POST["sound"]
    return back(request)


@require_POST
@login_required
def capacity(request: HttpRequest) -> HttpResponse:
    """Change how many conversations the account takes at once."""
    user = require_role(request.user, Role.SPECIALIST, Role.SUPERVISOR)
    try:
        set_capacity(user, capacity=number(request, "capacity") or 0)
    except ValueError:
        messages.error(request, "Give a whole number from 1 to 50.")
    return back(request)


@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out by POST; whoever holds conversations is asked first, and gone means gone at once.

    Signed in on another device as well, they keep them as long as that one gives signs of life.
    """
    held = access.held_by(require_role(request.user, *Role)) if may_chat(request.user) else 0
    if held and request.POST.get("sure") != "yes":
        # A chat that the list opened has an address that the bar was not drawn with.
        came_from = request.headers.get("Referer", "") if request.method == "POST" else ""
        stay = ours(request, request.POST.get("next") or came_from)
        return draw(request, "console/sign_out.html", "", held=held, stay=stay)
    if request.method == "GET":
        return redirect("staff:sign_in")  # It sends whoever is signed in to their own room.
    user = request.user
    logout(request)
    if held:
        _requeue(require_role(user, *Role))
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _requeue(user: User) -> None:
    try:
        services.requeue_vanished(of=user)
    except DatabaseError as error:
        # They are signed out all the same; the worker sees to it within seconds.
        logger.warning("a sign-out requeued nothing", extra={"failure": type(error).__name__})
