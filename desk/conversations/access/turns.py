"""Where a bot turn stands, for whoever waits for it."""

from __future__ import annotations

from conversations.models import Turn, TurnState


def first_pending_turn(turn_id: int) -> int | None:
    """The turn that has to be worked on before this one is over.

    Returns:
        The oldest pending turn of the same conversation, this one if it is the oldest; None when
        this turn is over, or gone with its conversation.
    """
    found = Turn.objects.filter(pk=turn_id, state=TurnState.PENDING)
    conversation_id = found.values_list("message__conversation_id", flat=True).first()
    if conversation_id is None:
        return None
    pending = Turn.objects.filter(message__conversation_id=conversation_id, state=TurnState.PENDING)
    return pending.order_by("message__seq").values_list("pk", flat=True).first()
