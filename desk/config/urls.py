"""Which app answers which address."""

from django.urls import include, path

urlpatterns = [
    path("staff/", include("staff.urls")),
    path("console/", include("console.urls")),
    path("review/", include("review.urls")),
    path("", include("gateway.urls")),
]
