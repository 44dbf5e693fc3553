"""Which app answers which address."""

from importlib.util import find_spec

from django.urls import include, path

_APPS = (
    ("staff/", "staff.urls"),
    ("console/", "console.urls"),
    ("review/", "review.urls"),
    ("", "gateway.urls"),
)


def _is_there(module: str) -> bool:
    return find_spec(module.partition(".")[0]) is not None and find_spec(module) is not None


urlpatterns = [path(prefix, include(urls)) for prefix, urls in _APPS if _is_there(urls)]
