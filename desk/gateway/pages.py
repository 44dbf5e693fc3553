"""What stands beside the API: its description, what each problem means, and unknown paths."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from gateway.api import api
from gateway.problems import PROBLEM_TYPES, ProblemResponse, general_problem


@csrf_exempt
@require_safe
def api_description(request: HttpRequest) -> HttpResponse:
    """Serve the API's OpenAPI description, made from the code."""
    return JsonResponse(api.get_openapi_schema())


@csrf_exempt
def unknown_call(request: HttpRequest, path: str = "") -> HttpResponse:
    """Refuse an address under /api that there is not, in the API's own shape."""
    return ProblemResponse(general_problem(404))


@require_safe
def problem_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain the `type` of a problem; it is an address, so somebody will open it."""
    for problem in PROBLEM_TYPES:
        if problem.slug == slug:
            return HttpResponse(
                f"{problem.title} ({problem.status})\n\n{problem.meaning}\n",
                content_type="text/plain; charset=utf-8",
            )
    return HttpResponse("There is no such problem.\n", status=404, content_type="text/plain")
