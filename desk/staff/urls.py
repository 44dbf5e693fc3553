"""Where staff sign in and out, and say whether they take conversations."""

from django.urls import path

from staff import views

app_name = "staff"

urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign_in"),
    path("sign-out", views.SignOut.as_view(), name="sign_out"),
    path("here", views.here, name="here"),
    path("accepting", views.accepting, name="accepting"),
]
