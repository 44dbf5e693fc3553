"""The gateway's addresses."""

from django.urls import path, re_path

from gateway.api import api, health
from gateway.pages import api_description, problem_page, unknown_call
from gateway.static_files import example_file, example_page, widget_file

urlpatterns = [
    path("", example_page),
    path("example/<path:path>", example_file),
    path("widget/v1/<path:path>", widget_file),
    path("problems/<slug:slug>", problem_page),
    path("api/v1/openapi.json", api_description),
    path("api/v1/", api.urls),
    re_path(r"^api(/(?P<path>.*))?$", unknown_call),
    path("", health.urls),
]
