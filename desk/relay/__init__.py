"""Asks the bot. The only package of the desk that knows how Rasa is spoken to."""

from relay.client import BotUnavailable, Relay, RelayLimits
from relay.contract import (
    ApprovedCopies,
    BotCandidate,
    BotMessage,
    BotQuestion,
    BotReadiness,
    BotReply,
    NonsenseReply,
    parse_reply,
)
from relay.registry import get_relay, use_relay

__all__ = [
    "ApprovedCopies",
    "BotCandidate",
    "BotMessage",
    "BotQuestion",
    "BotReadiness",
    "BotReply",
    "BotUnavailable",
    "NonsenseReply",
    "Relay",
    "RelayLimits",
    "get_relay",
    "parse_reply",
    "use_relay",
]
