"""What has to be so before a specialist's words are stored."""

from __future__ import annotations

from conversations.errors import (
    ConversationClosed,
    NewerMessages,
    NotInControl,
    StaleEpoch,
    TextEmpty,
    TextTooLong,
)
from conversations.models import Control, Message, Sender
from conversations.services.unit import Unit
from conversations.wording import LONGEST_TEXT
from staff.models import User


def require_control(work: Unit, specialist: User) -> None:
    """Refuse whoever is not in control.

    Raises:
        ConversationClosed, NotInControl: why not.
    """
    if work.conversation.control == Control.CLOSED:
        raise ConversationClosed
    if not (
        work.conversation.control == Control.SPECIALIST
        and work.conversation.specialist_id == specialist.pk
    ):
        raise NotInControl


def require_epoch(work: Unit, epoch: int) -> None:
    """Refuse what was written under an older control.

    Raises:
        StaleEpoch: control has moved since, even if it came back.
    """
    if epoch != work.conversation.epoch:
        raise StaleEpoch


def require_words(words: str) -> None:
    """Refuse a text that is no message.

    Raises:
        TextEmpty, TextTooLong: it has not 1 to 4,000 characters.
    """
    if not words:
        raise TextEmpty
    if len(words) > LONGEST_TEXT:
        raise TextTooLong(max_length=LONGEST_TEXT)


def require_seen(work: Unit, specialist: User, seen_seq: int | None) -> None:
    """Hold back a reply that was written before something newer was to be read.

    Raises:
        NewerMessages: the visitor or a colleague wrote after `seen_seq`; None asks nothing.
    """
    if seen_seq is None:
        return
    people = Message.objects.filter(
        conversation=work.conversation,
        seq__gt=seen_seq,
        sender__in=(Sender.VISITOR, Sender.SPECIALIST),
    ).exclude(author=specialist)
    if people.exists():
        raise NewerMessages(last_seq=work.conversation.last_seq)
