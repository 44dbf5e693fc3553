"""What the stream's feed looks at once a second."""

from datetime import datetime

from conversations.access.waits import queue
from conversations.models import Conversation


def changed_since(since: datetime) -> dict[str, int]:
    """Change numbers of the conversations that changed since then, by id."""
    rows = Conversation.objects.filter(changed_at__gte=since).values_list("pk", "change_seq")
    return {str(pk): change_seq for pk, change_seq in rows}


def queued_ids() -> tuple[str, ...]:
    """The queue, in the order it will be served."""
    return tuple(str(pk) for pk in queue().values_list("pk", flat=True))
