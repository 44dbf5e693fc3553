"""Understands "yes please" as the one button of what the house has just asked."""

from __future__ import annotations

import re
import unicodedata

from conversations.models import Sender
from conversations.services.notices import last_said
from conversations.services.offers import CALLBACK, STILL_HERE, Offer, own
from conversations.services.unit import Unit

# An "ok" alone may only mean that it was read.
_OPENING = r"(?:(?:ok|okay|oh|um|uh|well) )*"
_MARKS = re.compile(r"[^\w']+")
_YES = (
    r"yes|yess|yea|yeah|yep|yup|y|ya|sure|of course|definitely|absolutely|please"
    r"|please do|i would|i do|i'd like that|i would like that|that would be (?:good|great|nice)"
)
_REACH = (
    r"(?:(?:can|could|would) (?:you|they|someone|somebody) )?(?:just |please )?"
    r"(?:(?:call|phone|ring|text|email|write)(?: (?:me|to me|us|to us))?(?: back)?"
    r"|either(?: one)?|both|(?:either|both) (?:is|are) (?:fine|ok|good))"
)
_HERE = r"(?:i'm|im|i am|we're|we are)(?: still| right)*(?: here)?|still here|here"
_POLITE = r"thanks|thank you|now|pls|plz|sorry|just busy"
_SAYS_YES_TO = {
    CALLBACK: re.compile(rf"{_OPENING}(?:{_YES}|{_REACH})(?: (?:{_YES}|{_REACH}|{_POLITE}))*"),
    STILL_HERE: re.compile(rf"{_OPENING}(?:{_YES}|{_HERE})(?: (?:{_YES}|{_HERE}|{_POLITE}))*"),
}
_CONTACT_POINT = re.compile(
    r"[^\s@]+@[^\s@]+\.\w{2,}|(?<![\d.,/])\+?(?:\d[\s()-]{0,3}){7,15}(?![\d.,/]\d)"
)
_MOST_WORDS_BESIDE = 10
_ASKED_BY = {
    "notice:callback_offer_closed": CALLBACK,
    "notice:callback_offer_nobody": CALLBACK,
    "notice:callback_form": CALLBACK,
    "notice:callback_typed": CALLBACK,
    "notice:idle_warning": STILL_HERE,
}


def has_contact_point(text: str) -> bool:
    """Whether somebody has typed a phone number or an email address, and hardly more.

    Whoever asks something besides is answered by the bot.
    """
    found = _CONTACT_POINT.search(text)
    if found is None or "?" in text:
        return False
    beside = text[: found.start()] + text[found.end() :]
    return len(beside.split()) <= _MOST_WORDS_BESIDE


def agreed_to(work: Unit, text: str) -> Offer | None:
    """The choice that a typed text agrees to, as if it had been tapped.

    A number or an address that is typed where one was asked for agrees as well.

    What counts is the very last thing that bot or system said. A yes to anything else is the
    bot's to understand.

    Args:
        work: the unit of work on the conversation.
        text: what was typed.

    Returns:
        The choice; None where nothing was asked, or the text says more than yes.
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'").lower()
    bare = _MARKS.sub(" ", plain).strip()
    agreed = [name for name, is_yes in _SAYS_YES_TO.items() if is_yes.fullmatch(bare)]
    if has_contact_point(plain) and CALLBACK not in agreed:
        agreed.append(CALLBACK)
    if not agreed:
        return None
    asked = _ASKED_BY.get(last_said(work, Sender.BOT, Sender.SYSTEM), "")
    return own(asked)[0] if asked in agreed else None
