"""Understands "the second one" as the button it names."""

from __future__ import annotations

import re
import unicodedata

from conversations.models import Choice, Kind, Message, Sender
from conversations.services.offers import Offer
from conversations.services.unit import Unit

_PLACES = {
    "first": 1, "1st": 1, "one": 1, "second": 2, "2nd": 2, "two": 2, "third": 3, "3rd": 3,
    "three": 3, "fourth": 4, "4th": 4, "four": 4, "last": -1,
}  # fmt: skip
_MARKS = re.compile(r"[\s.,!?:;()#\"\-\ufe0f\u20e3]+")  # And what makes a key of a digit.
_THING = "option|choice|button"
_BEFORE = (
    r"(?:(?:um|uh|oh|ok|okay|yes|yeah|well|so|then|please|i (?:mean|meant|want|choose|pick|take)"
    r"|i(?:'d| would) like|it's|let's (?:take|do)|go with) )*"
)
_BEHIND = r"(?: (?:please|pls|plz|thanks|thank you|ok|okay))*"
_BARE = re.compile(
    rf"{_BEFORE}(?:the |that )?(?P<ordinal>first|1st|second|2nd|third|3rd|fourth|4th|last)"
    rf"(?: (?:one|{_THING}))?{_BEHIND}"
    rf"|{_BEFORE}(?:the )?(?:(?:{_THING}|number|num|no|nr) )?(?P<digit>[1-9]){_BEHIND}"
    # "I want one" and "no one" count nothing.
    rf"|(?:{_BEFORE}(?:the )?(?:{_THING}|number|nr) )?(?P<number>one|two|three|four){_BEHIND}"
)
_LATEST = 10  # Messages to a family; what stands further up is out of sight.


def named_by_place(work: Unit, text: str) -> Offer | None:
    """The choice that a typed text names by its place alone, as if it had been tapped.

    What counts is the latest message with several choices, of the bot or the system, in the order
    shown, until the bot has given an answer or control has moved. From then on, or with more in the
    text than a place, the bot has to find out what is meant.

    Args:
        work: the unit of work on the conversation, before the text is stored.
        text: what was typed.

    Returns:
        The choice; None where the text names none.
    """
    place = _place(text)
    if place is None:
        return None
    shown = _latest_choices(work)
    if not shown or place > len(shown):
        return None
    named = shown[place - 1 if place > 0 else place]
    return Offer(named.public_id, named.title, named.target)


def _place(text: str) -> int | None:
    """The place that a text names and nothing else, from 1; -1 for the last."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'").lower()
    match = _BARE.fullmatch(_MARKS.sub(" ", plain).strip())
    if match is None:
        return None
    digit = match["digit"]
    return int(digit) if digit else _PLACES[match["ordinal"] or match["number"]]


def _latest_choices(work: Unit) -> list[Choice]:
    said = Message.objects.filter(
        conversation=work.conversation,
        sender__in=(Sender.BOT, Sender.SYSTEM),
        epoch=work.conversation.epoch,
    )
    for message in said.order_by("-seq").prefetch_related("choices")[:_LATEST]:
        if message.kind == Kind.ANSWER:
            return []
        choices = list(message.choices.all())
        if len(choices) > 1:
            return choices
    return []
