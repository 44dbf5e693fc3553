"""Addresses of the console."""

from django.urls import path

from console import views
from console.stream import stream

app_name = "console"

urlpatterns = [
    path("", views.home, name="home"),
    path("list", views.conversation_list, name="list"),
    path("stream", stream, name="stream"),
    path("conversations/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/stream", stream, name="conversation_stream"),
    path("conversations/<uuid:conversation_id>/news", views.news, name="news"),
    path("conversations/<uuid:conversation_id>/claim", views.claim, name="claim"),
    path("conversations/<uuid:conversation_id>/take-over", views.take_over, name="take_over"),
    path("conversations/<uuid:conversation_id>/release", views.release, name="release"),
    path("conversations/<uuid:conversation_id>/close", views.close, name="close"),
    path(
        "conversations/<uuid:conversation_id>/settle-urgent",
        views.settle_urgent,
        name="settle_urgent",
    ),
    path("conversations/<uuid:conversation_id>/reply", views.reply, name="reply"),
    path("conversations/<uuid:conversation_id>/note", views.note, name="note"),
    path("conversations/<uuid:conversation_id>/typing", views.typing, name="typing"),
    path("callbacks/", views.callbacks, name="callbacks"),
    path("callbacks/<int:callback_id>/done", views.callback_done, name="callback_done"),
    path("entries/", views.entries, name="entries"),
    path("entries/<str:entry_id>/withdraw", views.withdraw, name="withdraw"),
    path("entries/<str:entry_id>/restore", views.restore, name="restore"),
]
