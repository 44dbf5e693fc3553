"""What the bar of every staff page counts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from conversations import access
from staff.access import may_watch


def follow_up_counts(request: HttpRequest) -> dict[str, Any]:
    """Callbacks and left questions that wait, counted only where a page shows them."""
    user = getattr(request, "user", None)
    if user is None or not may_watch(user):
        return {}
    return {"follow_up_counts": SimpleLazyObject(lambda: access.follow_up_counts(user))}
