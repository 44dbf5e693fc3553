"""Feedback and surveys."""

from __future__ import annotations

import uuid

from django.utils import timezone

from conversations.digests import request_digest
from conversations.errors import (
    AlreadyScored,
    ClientIdReused,
    DeskError,
    InvalidInput,
    UnknownMessage,
)
from conversations.models import (
    Feedback,
    Message,
    Sender,
    Survey,
)
from conversations.results import RecordedSurvey, SafetyFinding
from conversations.services.asides import answer_aside
from conversations.services.safety_replies import finding_again, verdict_on
from conversations.services.unit import Unit, unit
from conversations.wording import client_id_of, short
from safety import Verdict

LONGEST_COMMENT = 1000


def give_feedback(
    conversation_id: uuid.UUID | str,
    message_id: uuid.UUID | str,
    *,
    is_helpful: bool,
    comment: str = "",
    verdict: Verdict | None = None,
) -> SafetyFinding | None:
    """Note whether something the bot said helped; a later judgement replaces an earlier one.

    The same comment again, such as a retry after a lost answer, is answered and alarms nobody.

    Args:
        conversation_id: the conversation.
        message_id: what the bot said.
        is_helpful: whether it helped.
        comment: more about it, in the visitor's words.
        verdict: what `verdict_on` says of the comment; None to have it read here.

    Returns:
        What the comment calls for, where it describes an emergency or a crisis.

    Raises:
        UnknownConversation: there is none with that id.
        UnknownMessage: the bot said nothing under that id in it.
        InvalidInput: the comment is too long.
    """
    words = short("comment", comment, LONGEST_COMMENT)
    read = verdict or verdict_on(words)
    with unit(conversation_id) as work:
        message = _bot_message(work, message_id)
        before = Feedback.objects.filter(message=message).first()
        Feedback.objects.update_or_create(
            message=message,
            defaults={"is_helpful": is_helpful, "comment": words, "created_at": work.now},
        )
        work.is_changed = True
        if before is not None and before.comment == words:
            return finding_again(work, read)
        return answer_aside(work, read)[1]


def _bot_message(work: Unit, message_id: uuid.UUID | str) -> Message:
    try:
        pk = uuid.UUID(str(message_id))
    except ValueError:
        raise UnknownMessage from None
    said = Message.objects.filter(conversation=work.conversation, sender=Sender.BOT, pk=pk)
    message = said.first()
    if message is None:
        raise UnknownMessage
    return message


def record_survey(
    conversation_id: uuid.UUID | str,
    *,
    client_id: str,
    about: str,
    score: int,
    comment: str = "",
    verdict: Verdict | None = None,
) -> RecordedSurvey:
    """Note a visitor's score of the bot or of the specialist.

    Args:
        conversation_id: the conversation.
        client_id: the judgement's own id; the same again changes nothing.
        about: "bot" or "specialist".
        score: from 1 to 5.
        comment: more about it, in the visitor's words.
        verdict: what `verdict_on` says of the comment; None to have it read here.

    Raises:
        UnknownConversation: there is none with that id.
        InvalidInput: a score or subject that there is not, or a comment that is too long.
        ClientIdReused: the same client id came with another judgement.
        AlreadyScored: this stretch of talk has its score.
    """
    words = short("comment", comment, LONGEST_COMMENT)
    known_as = client_id_of(client_id)
    errors = []
    if about not in ("bot", "specialist"):
        errors.append({"field": "about", "message": 'must be "bot" or "specialist"'})
    if not 1 <= score <= 5:
        errors.append({"field": "score", "message": "must be between 1 and 5"})
    if errors:
        raise InvalidInput(errors=errors)
    digest = request_digest(about=about, score=score, comment=words)
    read = verdict or verdict_on(words)
    with unit(conversation_id) as work:
        scored = Survey.objects.filter(conversation=work.conversation)
        known = scored.filter(client_id=known_as).first()
        if known is not None and known.request_digest == digest:
            return RecordedSurvey(known, is_repeat=True)
        # What a refused comment tells of is answered and flagged all the same.
        finding = answer_aside(work, read)[1]
        epoch = _episode(work, about)
        refusal: DeskError | None = None
        if known is not None:
            refusal = ClientIdReused(safety=finding)
        elif scored.filter(about=about, epoch=epoch).exists():
            refusal = AlreadyScored(safety=finding)
        if refusal is None:
            survey = Survey.objects.create(
                conversation=work.conversation,
                client_id=known_as,
                request_digest=digest,
                about=about,
                epoch=epoch,
                score=score,
                comment=words,
                created_at=timezone.now(),
            )
            work.is_changed = True
            return RecordedSurvey(survey, is_repeat=False, safety=finding)
    raise refusal


def _episode(work: Unit, about: str) -> int:
    """The epoch of the last stretch of talk with that party; 0 where they never spoke."""
    said = Message.objects.filter(conversation=work.conversation, sender=about).order_by("-seq")
    return said.values_list("epoch", flat=True).first() or 0
