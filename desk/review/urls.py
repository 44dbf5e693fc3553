"""Addresses of the review."""

from django.urls import path

from review import views

app_name = "review"

urlpatterns = [
    path("", views.transcripts, name="list"),
    path("conversations/<uuid:conversation_id>", views.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/", views.conversation),
    path("conversations/<uuid:conversation_id>/erase", views.erase, name="erase"),
]
