"""Who of the staff looks at a conversation, how far they have read, and who types.

Written often and seen by colleagues alone: it takes no lock on the conversation, changes none of
its numbers and leaves no audit entry.
"""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from conversations import stream
from conversations.access.colleagues import VIEWED_SECONDS, is_recent
from conversations.errors import NotAllowed, UnknownConversation
from conversations.models import Conversation, StaffView
from conversations.services.unit import as_id
from staff.access import may_watch
from staff.models import User

# An open page calls every few seconds; one write in these spans is enough to show what it does.
VIEW_EVERY_SECONDS = VIEWED_SECONDS / 3
TYPING_EVERY_SECONDS = 2.0


def note_view(conversation_id: uuid.UUID | str, *, user: User, seq: int) -> None:
    """Note that a member of staff has the conversation before them.

    An open page calls this when it opens, with every message it adds, and at least every
    `VIEW_EVERY_SECONDS` while it is in sight; left out for longer, they no longer look on.

    Args:
        conversation_id: the conversation.
        user: who looks.
        seq: the last message on their page. A smaller one than before changes nothing.

    Raises:
        UnknownConversation: there is none with that id.
        NotAllowed: the account may not see conversations.
    """
    now = timezone.now()
    view = _view(conversation_id, user)
    # A number from a browser: nothing beyond the last message can have been read.
    last_seq = (
        Conversation.objects.filter(pk=view.conversation_id).values_list("last_seq", flat=True)
    ).first()
    read = max(0, min(seq, last_seq or 0))
    if read <= view.last_read_seq and is_recent(view.viewed_at, now, VIEW_EVERY_SECONDS):
        return
    StaffView.objects.filter(pk=view.pk).update(
        viewed_at=now, last_read_seq=Greatest(F("last_read_seq"), Value(read))
    )
    if not is_recent(view.viewed_at, now, VIEWED_SECONDS):
        _tell_colleagues(view.conversation_id, user)


def note_typing_staff(conversation_id: uuid.UUID | str, *, by: User) -> None:
    """Show colleagues that a member of staff is writing in a conversation.

    The visitor hears of it by `note_typing` alone, and only while `by` is in control.

    Raises:
        UnknownConversation: there is none with that id.
        NotAllowed: the account may not see conversations.
    """
    now = timezone.now()
    view = _view(conversation_id, by)
    if not is_recent(view.typed_at, now, TYPING_EVERY_SECONDS):
        StaffView.objects.filter(pk=view.pk).update(typed_at=now, viewed_at=now)
        _tell_colleagues(view.conversation_id, by)


def _view(conversation_id: uuid.UUID | str, user: User) -> StaffView:
    if not may_watch(user):
        raise NotAllowed
    pk = as_id(conversation_id)
    found = StaffView.objects.filter(conversation_id=pk, user=user).first()
    if found is not None:
        return found
    if not Conversation.objects.filter(pk=pk).exists():
        raise UnknownConversation
    try:
        with transaction.atomic():
            return StaffView.objects.get_or_create(conversation_id=pk, user=user)[0]
    except IntegrityError:
        raise UnknownConversation from None  # Erased at this moment.


def _tell_colleagues(conversation_id: uuid.UUID, by: User) -> None:
    transaction.on_commit(lambda: stream.wake_staff(conversation_id, by=by.pk))
