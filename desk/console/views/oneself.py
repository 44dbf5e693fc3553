"""What a specialist sets for themselves: the sound, and how many conversations they take."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from console.views.common import back, number, watching
from staff.access import require_role
from staff.models import Role
from staff.presence import set_capacity

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
