"""Wakes whoever watches a conversation. A wake-up carries no content: the database is the truth.

Three ways lead to a wake-up, and any one of them suffices:

1. a service commits in this process and calls `wake`;
2. it commits in another process and Redis carries the conversation's id (with `REDIS_URL`);
3. the feed, once a second, sees that `change_seq` of a watched conversation grew.

So nothing depends on a push arriving: the third way finds what the first two missed. A wake-up
names the change it is for, so that the third way does not wake everybody a second time.
"""

from conversations.stream.hub import QUEUE, Hint, Typing
from conversations.stream.publish import (
    note_typing,
    wake,
    wake_line,
    wake_queue,
    wake_staff,
    wake_talks,
)
from conversations.stream.watch import (
    changes,
    last_told,
    queue_changes,
    queue_version,
    spread,
    staff_changes,
    talk_changes,
)

__all__ = [
    "QUEUE",
    "Hint",
    "Typing",
    "changes",
    "last_told",
    "note_typing",
    "queue_changes",
    "queue_version",
    "spread",
    "staff_changes",
    "talk_changes",
    "wake",
    "wake_line",
    "wake_queue",
    "wake_staff",
    "wake_talks",
]
