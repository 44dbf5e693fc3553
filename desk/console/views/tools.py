"""What helps to write a reply: approved answers, templates, what the organisation offers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from console.views.common import watching
from conversations import access
from conversations.errors import InvalidInput

LONGEST_SEARCH = 200
LONGEST_RESOURCES = 10_000


@require_GET
@watching
def tools(request: HttpRequest) -> HttpResponse:
    """The drawer under the composer: search, templates by category, services."""
    context = {
        "template_groups": access.template_groups(),
        "services": access.organisation_services(),
    }
    return render(request, "console/_tools_panel.html", context)


@require_GET
@watching
def find(request: HttpRequest) -> HttpResponse:
    """Approved answers that fit `?words=`, the best first."""
    words = request.GET.get("words", "").strip()[:LONGEST_SEARCH]
    context = {"words": words, "found": access.find_entries(words)}
    return render(request, "console/_tools_found.html", context)


def resources_in(request: HttpRequest) -> list[Mapping[str, object]]:
    """What the form says was put into a reply; the service checks each.

    Raises:
        InvalidInput: the field is no list of objects, or one that no page of ours makes.
    """
    field = request.POST.get("resources") or "[]"
    try:
        given = json.loads(field) if len(field) <= LONGEST_RESOURCES else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or not all(_is_resource(item) for item in given):
        raise InvalidInput("Reload this page, then send again. Your words are kept.")
    return given


def _is_resource(item: object) -> bool:
    return isinstance(item, dict) and all(isinstance(item.get(key), str) for key in ("kind", "id"))
