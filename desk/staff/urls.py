"""Where staff sign in, and say whether they take conversations."""

from django.urls import path

from staff import views

app_name = "staff"

urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign_in"),
    path("here", views.here, name="here"),
    path("accepting", views.accepting, name="accepting"),
]
