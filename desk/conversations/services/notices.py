"""Saying notices: which one fits, and what is known to fill it with."""

from __future__ import annotations

from conversations import texts
from conversations.models import Kind, Message, Sender
from conversations.services.offers import Offer
from conversations.services.unit import Unit


def say_notice(
    work: Unit,
    name: str,
    *,
    kind: Kind = Kind.NOTICE,
    in_reply_to: Message | None = None,
    offers: list[Offer] | None = None,
    **live: str,
) -> Message:
    """Store a notice as the system's words, filled with `live` values."""
    rendered = texts.compose("notice", name, live)
    return work.say(rendered, kind, in_reply_to=in_reply_to, offers=offers or [])


def last_said(work: Unit, *senders: Sender) -> str:
    """The name of the last text that one of these said, such as "notice:consent"; "" if none."""
    said = Message.objects.filter(conversation=work.conversation, sender__in=senders)
    last = said.order_by("-seq").values_list("text_id", flat=True).first() or ""
    return last.partition("@")[0]
