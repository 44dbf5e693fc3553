"""The forms of requests and answers, as docs and OpenAPI show them."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

# Whatever fits a column of 32 bits; larger numbers would only fail in the database.
LARGEST_SEQ = 2_147_483_647
MOST_MESSAGES_A_PAGE = 200
LONGEST_PAGE_URL = 2000

State = Literal["bot", "queued", "with_specialist", "closed"]
SafetyKind = Literal["emergency", "crisis"]


def _whole(value: Any) -> Any:
    """Mend half character pairs, as a phone leaves them that cuts an emoji in two; refuse NUL."""
    if not isinstance(value, str):
        return value
    if "\x00" in value:
        raise ValueError("must not contain the NUL character")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _one_line(value: Any) -> Any:
    """Make one line of it: names and the like go into lists, mails and headers."""
    return re.sub(r"\s+", " ", value).strip() if isinstance(value, str) else value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web:
        raise ValueError("must be an http or https address")
    return value


def _uuid_text(value: Any) -> Any:
    """Let text become a UUID, and nothing else: the strict mode would refuse text as well."""
    if not isinstance(value, str) or len(value) > 45:
        raise ValueError("must be a UUID in text form")
    try:
        return UUID(value)
    except ValueError:
        raise ValueError("must be a UUID in text form") from None


ClientId = Annotated[UUID, BeforeValidator(_uuid_text)]
# Validators in front run from the last to the first: text is mended before it is trimmed, and
# trimmed before its length is judged.
Raw = Annotated[str, BeforeValidator(_whole)]
Text = Annotated[str, BeforeValidator(_trimmed), BeforeValidator(_whole)]
Line = Annotated[str, BeforeValidator(_one_line), BeforeValidator(_whole)]
WebAddress = Annotated[Text, AfterValidator(_web_address)]


class RequestBody(BaseModel):
    """Base of every request body: plain JSON types, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid")


class EmptyBody(RequestBody):
    """A call that needs no body takes an empty one, or an empty object."""


class ContinuesBody(RequestBody):
    """An ended conversation that a new one goes on from."""

    id: ClientId
    token: Text = Field(min_length=1, max_length=200)


class OpenConversationBody(RequestBody):
    """Opens a conversation."""

    consent: bool = Field(description="Must be true: the visitor agreed to the consent text.")
    language: Text | None = Field(
        default=None,
        max_length=35,
        description="A language tag. What is not supported falls back to `en`.",
    )
    page_url: WebAddress | None = Field(
        default=None,
        max_length=LONGEST_PAGE_URL,
        description="The page it was opened on; stored without query and fragment.",
    )
    time_zone: Text | None = Field(
        default=None,
        max_length=64,
        description="The visitor's time zone, such as `America/Chicago`, in which times are told. "
        "Without it, or where it is unknown, times are in the organisation's.",
    )
    continues: ContinuesBody | None = Field(
        default=None,
        description="An earlier conversation that a resume link was used for. Staff may then see "
        "it. Anything else is left out of account.",
    )

    @model_validator(mode="after")
    def _require_consent(self) -> Self:
        if self.consent is not True:
            raise ValueError("consent: must be true before anything is stored")
        return self


class MessageBody(RequestBody):
    """A message: what the visitor typed, or the choice they took."""

    client_id: ClientId
    # Length and emptiness are judged by the desk's heart, which looks for danger in it first.
    text: Raw | None = Field(
        default=None, description="1 to 4,000 characters after trimming.", examples=["What is ALL?"]
    )
    choice: Raw | None = Field(default=None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if (self.text is None) == (self.choice is None):
            raise ValueError("text: send either text or choice")
        return self


class HandoffBody(RequestBody):
    """Asks for a specialist."""

    client_id: ClientId
    reason: Text | None = Field(default=None, max_length=500)


class CallbackBody(RequestBody):
    """Asks to be contacted later; a phone number, an e-mail address, or both."""

    client_id: ClientId
    name: Line = Field(min_length=1, max_length=120)
    phone: Line | None = Field(default=None, max_length=40)
    email: Line | None = Field(default=None, max_length=254)
    preferred_time: Line | None = Field(default=None, max_length=200)
    topic: Text | None = Field(
        default=None,
        max_length=1000,
        description="Of a `question` without one: what was written since a person was asked for.",
    )
    kind: Literal["callback", "question"] = Field(
        default="callback",
        description="`question`: an answer to what is left behind, not a call.",
    )


class FeedbackBody(RequestBody):
    """Whether a message helped."""

    helpful: bool
    comment: Text | None = Field(default=None, max_length=1000)


class SurveyBody(RequestBody):
    """A score for the bot or for the specialist."""

    client_id: ClientId
    about: Literal["bot", "specialist"]
    score: int = Field(ge=1, le=5)
    comment: Text | None = Field(default=None, max_length=1000)


class TranscriptMailBody(RequestBody):
    """Asks for the transcript by e-mail."""

    client_id: ClientId
    email: Line = Field(min_length=1, max_length=254)


class ResumeBody(RequestBody):
    """Goes on with a conversation on another device."""

    token: Text = Field(
        min_length=1, max_length=500, description="What follows `#resume=` in the link."
    )
    client_id: ClientId | None = Field(
        default=None,
        description="Of this attempt. The same again gets a new token, should the first answer "
        "have been lost.",
    )


class Author(BaseModel):
    """Who of the people on our side wrote it."""

    name: str


class Source(BaseModel):
    """Where an answer comes from."""

    id: str
    title: str
    publisher: str
    url: str | None
    published_on: str | None


class AnswerDetails(BaseModel):
    """What stands beside an answer."""

    entry_id: str
    version: str
    title: str
    kind: Literal["medical", "service"]
    review_status: Literal["pending", "reviewed"]
    reviewed_on: date | None
    sources: list[Source]


class ChoiceOut(BaseModel):
    """Something to tap below a message; its id goes back as `choice`."""

    id: str
    title: str


class MessageOut(BaseModel):
    """One message of a conversation."""

    id: UUID
    seq: int = Field(ge=1)
    client_id: str | None
    sender: Literal["visitor", "bot", "specialist", "system"]
    kind: Literal[
        "text",
        "answer",
        "clarify",
        "refusal",
        "safety",
        "handoff",
        "smalltalk",
        "fallback",
        "notice",
    ]
    text: str = Field(
        description="Plain text: blank lines between paragraphs, `- ` for list items. Never HTML."
    )
    language: str
    created_at: datetime
    safety: SafetyKind | None
    author: Author | None
    in_reply_to: UUID | None
    answer: AnswerDetails | None
    choices: list[ChoiceOut]


class ConversationOut(BaseModel):
    """Where a conversation stands."""

    id: UUID
    state: State
    queue_position: int | None
    wait_minutes: tuple[int, int] | None = Field(description="Expected wait, low and high.")
    asks_while_waiting: bool
    specialist: Author | None
    last_seq: int


class OpenedOut(BaseModel):
    """A new conversation; the token is shown this once."""

    id: UUID
    token: str
    state: State
    messages: list[MessageOut]


class ExchangeOut(BaseModel):
    """A stored message with the replies to it."""

    message: MessageOut
    replies: list[MessageOut]
    state: State


class PageOut(BaseModel):
    """Some messages in order of `seq`."""

    messages: list[MessageOut]
    last_seq: int
    more: bool
    state: State


class QueuedOut(BaseModel):
    """A specialist was asked for and is on the way, or already there."""

    state: State
    queue_position: int | None
    wait_minutes: tuple[int, int] | None
    messages: list[MessageOut]


class HandoffOut(QueuedOut):
    """Nobody can join now, or nothing had to change."""

    offer: Literal["callback"] | None
    opens_at: datetime | None


class SafetyOut(BaseModel):
    """The safety reply to a text beside the messages, such as a comment. Show it at once."""

    safety: SafetyKind | None = None
    safety_text: str | None = None


class CallbackOut(SafetyOut):
    """A promise to contact the visitor."""

    reference: str


class SurveyOut(SafetyOut):
    """What was recorded."""

    about: Literal["bot", "specialist"]
    score: int


class ResumeLinkOut(BaseModel):
    """A link for another device: one use, until it expires."""

    url: str
    token: str
    expires_at: datetime


class ResumedOut(BaseModel):
    """A conversation on a new device; its older tokens are revoked."""

    id: UUID
    token: str
    state: State
    last_seq: int


class TranscriptConversation(BaseModel):
    """The conversation a transcript is of."""

    id: UUID
    started_at: datetime
    state: State


class TranscriptOut(BaseModel):
    """The visitor's own copy of everything said."""

    conversation: TranscriptConversation
    organisation: str
    messages: list[MessageOut]


class MailOut(BaseModel):
    """How far a mail has come: on its way, taken by the mail server, or given up."""

    state: Literal["queued", "sent", "failed"]


class VersionedText(BaseModel):
    """An approved text and its version."""

    text: str
    version: str


class OrganisationOut(BaseModel):
    """Who runs this service."""

    name: str
    former_name: str | None
    is_demonstration: bool


class ClosureOut(BaseModel):
    """A sudden closing that holds now. The message is the team's own, and is shown as such."""

    message: str
    until: datetime | None = Field(description="Null until somebody lifts it.")


class ServiceStateOut(BaseModel):
    """Whether people are there now.

    While `hours_verified` is false, no source confirms the hours: a front end obeys `is_open` and
    does not tell families the times.
    """

    is_open: bool
    is_staffed: bool
    is_closing_soon: bool
    opens_at: datetime | None
    closes_at: datetime | None
    hours_verified: bool
    wait_minutes: tuple[int, int] | None
    closure: ClosureOut | None


class ServiceOut(BaseModel):
    """What a front end shows before anything was said, and what the bot knows about now."""

    organisation: OrganisationOut
    emergency_number: str | None
    crisis_line: str | None
    consent: VersionedText
    notices: dict[str, str]
    service: ServiceStateOut
    mail: bool = Field(description="Whether a transcript can be had by e-mail.")


class FieldErrorOut(BaseModel):
    """A field and what to change about it."""

    field: str
    message: str


class ProblemOut(BaseModel):
    """A refusal, after RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldErrorOut] | None = None
    safety: SafetyKind | None = None
    safety_text: str | None = Field(
        default=None, description="The safety reply to the refused text. Show it at once."
    )


class ReadinessOut(BaseModel):
    """Which parts of the house work."""

    status: Literal["ready", "unavailable"]
    bot: Literal["ok", "down"]
    database: Literal["ok", "down"]
    stream: Literal["ok", "down"]


class HealthOut(BaseModel):
    """The process lives."""

    status: Literal["ok"]
