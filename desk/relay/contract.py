"""What desk and bot say to each other, and the reader that refuses everything else.

The form stands in `contracts/README.md`, with examples beside it.
"""

import re
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

LABEL_ENTRY_PREFIX = "ask/"

_MOST_MESSAGES = 5
_MOST_CANDIDATES = 5
_FEWEST_CLARIFY_CHOICES, _MOST_CLARIFY_CHOICES = 2, 3

EntryId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]
EntryVersion = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}-[0-9a-f]{8}$")]
ResponseId = Annotated[str, StringConstraints(pattern=r"^utter_[a-z0-9_]{1,99}$")]
ChoiceLabel = Annotated[
    str, StringConstraints(pattern=r"^(ask/[a-z0-9][a-z0-9_-]{0,99}|handoff|callback)$")
]
CandidateLabel = Annotated[
    str, StringConstraints(pattern=r"^(ask/)?[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")
]
BuildVersion = Annotated[str, StringConstraints(min_length=1, max_length=200)]
BotKind = Literal["answer", "clarify", "refusal", "handoff", "smalltalk", "fallback"]


class NonsenseReply(Exception):
    """The bot's reply breaks the contract. The message says how, and holds no visitor's text."""


class ApprovedCopies(Protocol):
    """The desk's own approved texts, as far as a reply can be checked against them."""

    def entry_version(self, entry_id: str) -> str | None:
        """Return the version the desk holds of this entry, None when it holds none."""
        ...

    def has_response(self, response_id: str) -> bool:
        """Return whether the desk holds this response of the domain."""
        ...


class _Strict(BaseModel):
    """Base of everything read from the bot: no guessing of types, no unknown field."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class BotChoice(_Strict):
    """A choice the bot offers, by label: the desk gives it its title and its id."""

    label: ChoiceLabel

    @property
    def entry_id(self) -> str | None:
        """The entry the choice asks for, None for one of the desk's own choices."""
        if not self.label.startswith(LABEL_ENTRY_PREFIX):
            return None
        return self.label.removeprefix(LABEL_ENTRY_PREFIX)


class BotMessage(_Strict):
    """One message the bot chose. It names an approved text and never carries one."""

    kind: BotKind
    entry: EntryId | None
    version: EntryVersion | None
    response: ResponseId | None
    choices: tuple[BotChoice, ...] = Field(max_length=10, strict=False)


class BotCandidate(_Strict):
    """One of the labels the bot found most likely, with its confidence in [0, 1]."""

    label: CandidateLabel
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)


class BotReply(_Strict):
    """What the bot chose for one message of a visitor."""

    messages: tuple[BotMessage, ...] = Field(min_length=1, max_length=_MOST_MESSAGES, strict=False)
    candidates: tuple[BotCandidate, ...] = Field(max_length=_MOST_CANDIDATES, strict=False)
    model_version: BuildVersion
    knowledge_version: BuildVersion


class BotReadiness(_Strict):
    """What a bot says of itself once a model is loaded."""

    status: Literal["ready"]
    model_version: BuildVersion
    knowledge_version: BuildVersion


class BotQuestion(_Strict):
    """One message of a visitor, as the bot is asked about it.

    The fields of the contract's request, flat. `text` may be anything: it is neutralised on the
    way out.
    """

    sender: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    text: str
    request_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    last_entry: str | None = None
    choice: str | None = None
    language: str = "en"
    fallbacks_in_a_row: int = Field(default=0, ge=0)

    def as_request(self, text: str) -> dict[str, Any]:
        """Return the JSON body of the request, with `text` in place of the visitor's own."""
        return {
            "sender": self.sender,
            "text": text,
            "request_id": self.request_id,
            "metadata": {
                "last_entry": self.last_entry,
                "choice": self.choice,
                "language": self.language,
                "fallbacks_in_a_row": self.fallbacks_in_a_row,
            },
        }


def parse_reply(body: bytes, copies: ApprovedCopies) -> BotReply:
    """Read the bot's answer to a turn, believing nothing.

    Args:
        body: the body of the 200, as received.
        copies: the desk's approved texts; every entry, version and response must be among them.

    Returns:
        The reply; all its entries and responses can be rendered by the desk.

    Raises:
        NonsenseReply: the body is not JSON of the agreed form, or names what the desk lacks.
    """
    try:
        reply = BotReply.model_validate_json(body)
    except ValidationError as error:
        raise NonsenseReply(_first_fault(error)) from None
    for message in reply.messages:
        _check_naming(message)
        _check_choices(message, copies)
        _check_held(message, copies)
    return reply


def parse_readiness(body: bytes) -> BotReadiness:
    """Read the bot's readiness answer.

    Raises:
        NonsenseReply: it is not of the agreed form.
    """
    try:
        return BotReadiness.model_validate_json(body)
    except ValidationError as error:
        raise NonsenseReply(_first_fault(error)) from None


def _first_fault(error: ValidationError) -> str:
    """Say where the first fault is, without its value: a reply could echo a visitor's text."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    # A field name that is not ours is the bot's own invention, and might be text as well.
    known = [str(part) for part in first["loc"] if re.fullmatch(r"[a-z_]{1,20}|\d+", str(part))]
    return f"{first['type']} at {'.'.join(known) or 'the top'}"


def _check_naming(message: BotMessage) -> None:
    names_entry = (message.entry is not None, message.version is not None)
    expected_entry = message.kind == "answer"
    if names_entry != (expected_entry, expected_entry):
        raise NonsenseReply(f"{message.kind}: entry and version belong to an answer, to it alone")
    expected_response = message.kind not in ("answer", "handoff")
    if (message.response is not None) != expected_response:
        raise NonsenseReply(f"{message.kind}: response is missing or out of place")


def _check_choices(message: BotMessage, copies: ApprovedCopies) -> None:
    labels = [choice.label for choice in message.choices]
    if len(set(labels)) != len(labels):
        raise NonsenseReply(f"{message.kind}: the same choice twice")
    offered = [choice.entry_id for choice in message.choices if choice.entry_id is not None]
    if message.kind == "clarify":
        is_between = _FEWEST_CLARIFY_CHOICES <= len(offered) <= _MOST_CLARIFY_CHOICES
        if not is_between or len(offered) != len(labels):
            raise NonsenseReply("clarify: offers two or three entries and nothing else")
    for entry_id in offered:
        if copies.entry_version(entry_id) is None:
            raise NonsenseReply(f"{message.kind}: offers an entry that the desk does not hold")


def _check_held(message: BotMessage, copies: ApprovedCopies) -> None:
    if message.entry is not None:
        held = copies.entry_version(message.entry)
        if held is None:
            raise NonsenseReply("answer: names an entry that the desk does not hold")
        if held != message.version:
            raise NonsenseReply(
                f"answer: {message.entry} is {held} here and {message.version} in the bot; "
                "train the bot anew"
            )
    if message.response is not None and not copies.has_response(message.response):
        raise NonsenseReply(f"{message.kind}: names a response that the desk does not hold")
