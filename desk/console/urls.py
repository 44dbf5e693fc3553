"""Addresses of the console."""

from django.urls import path

from console.stream import stream
from console.views import acts, chats, entries, follow_up, lists, records, replies, service

app_name = "console"

urlpatterns = [
    path("", lists.home, name="home"),
    path("list", lists.conversation_list, name="list"),
    path("stream", stream, name="stream"),
    path("conversations/<uuid:conversation_id>/", chats.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/stream", stream, name="conversation_stream"),
    path("conversations/<uuid:conversation_id>/news", chats.news, name="news"),
    path("conversations/<uuid:conversation_id>/claim", acts.claim, name="claim"),
    path("conversations/<uuid:conversation_id>/take-over", acts.take_over, name="take_over"),
    path("conversations/<uuid:conversation_id>/release", acts.release, name="release"),
    path("conversations/<uuid:conversation_id>/close", records.close, name="close"),
    path("conversations/<uuid:conversation_id>/record/<int:epoch>/", records.record, name="record"),
    path(
        "conversations/<uuid:conversation_id>/settle-urgent",
        acts.settle_urgent,
        name="settle_urgent",
    ),
    path("conversations/<uuid:conversation_id>/reply", replies.reply, name="reply"),
    path("conversations/<uuid:conversation_id>/note", acts.note, name="note"),
    path("conversations/<uuid:conversation_id>/typing", chats.typing, name="typing"),
    path("records/", records.to_complete, name="records"),
    path("follow-up/", follow_up.inbox, name="follow_up"),
    path("follow-up/<int:callback_id>/", follow_up.item, name="follow_up_item"),
    path("follow-up/<int:callback_id>/take", follow_up.take, name="follow_up_take"),
    path("follow-up/<int:callback_id>/hand-over", follow_up.hand_over, name="follow_up_hand_over"),
    path("follow-up/<int:callback_id>/give-back", follow_up.give_back, name="follow_up_give_back"),
    path("follow-up/<int:callback_id>/attempt", follow_up.attempt, name="follow_up_attempt"),
    path("follow-up/<int:callback_id>/complete", follow_up.complete, name="follow_up_complete"),
    path("follow-up/<int:callback_id>/reopen", follow_up.reopen, name="follow_up_reopen"),
    path("service/", service.service, name="service"),
    path("service/close", service.close, name="close_service"),
    path("service/closures/<int:closure_id>/lift", service.lift, name="lift_closure"),
    path("entries/", entries.entries, name="entries"),
    path("entries/<str:entry_id>/withdraw", entries.withdraw, name="withdraw"),
    path("entries/<str:entry_id>/restore", entries.restore, name="restore"),
]
