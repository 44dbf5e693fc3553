"""Asking for a person, and for a callback."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.decorators import decorate_view
from ninja.responses import Status

from conversations import access, services
from conversations.results import HandoffOutcome
from gateway.access_token import VisitorToken
from gateway.errors import safety_notice
from gateway.limits import WRITING, Throttle
from gateway.openapi import refusals
from gateway.present import messages_out, public_state
from gateway.problems import CLIENT_ID_REUSED, CONVERSATION_CLOSED, NOT_POSSIBLE_NOW
from gateway.refused_texts import read_refused_texts
from gateway.schemas import (
    CallbackBody,
    CallbackOut,
    HandoffBody,
    HandoffOut,
    QueuedOut,
    SurveyBody,
    SurveyOut,
)
from gateway.writing import write_read
from turns.threads import run

router = Router(tags=["people"])


@router.post(
    "/conversations/{conversation_id}/handoff",
    response={202: QueuedOut, 200: HandoffOut},
    auth=VisitorToken(),
    throttle=Throttle(WRITING),
    openapi_extra=refusals(CONVERSATION_CLOSED, CLIENT_ID_REUSED),
)
@decorate_view(read_refused_texts)
async def request_handoff(
    request: HttpRequest, conversation_id: UUID, payload: HandoffBody
) -> Status[QueuedOut]:
    """Ask for a specialist.

    202: the conversation is queued now. 200: nobody can join, and a callback is offered; or it
    was queued or with a specialist before, and the answer says where it stands.
    """
    outcome = await write_read(
        payload.reason,
        partial(
            services.request_handoff,
            conversation_id,
            client_id=str(payload.client_id),
            reason=payload.reason,
        ),
    )
    return await run(_handoff_answer, outcome)


def _handoff_answer(outcome: HandoffOutcome) -> Status[QueuedOut]:
    queued = QueuedOut(
        state=public_state(outcome.control),
        queue_position=outcome.queue_position,
        wait_minutes=outcome.wait_minutes,
        messages=messages_out(access.with_choices(outcome.messages)),
    )
    if queued.state == "queued" and not outcome.is_repeat:
        return Status(202, queued)
    return Status(
        200,
        HandoffOut(
            state=queued.state,
            queue_position=queued.queue_position,
            wait_minutes=queued.wait_minutes,
            messages=queued.messages,
            offer="callback" if outcome.offer else None,
            opens_at=outcome.opens_at,
        ),
    )


@router.post(
    "/conversations/{conversation_id}/callback",
    response={201: CallbackOut, 200: CallbackOut},
    auth=VisitorToken(),
    throttle=Throttle(WRITING),
    openapi_extra=refusals(CLIENT_ID_REUSED),
)
@decorate_view(read_refused_texts)
async def schedule_callback(
    request: HttpRequest, conversation_id: UUID, payload: CallbackBody
) -> Status[CallbackOut]:
    """Ask to be contacted later; by phone, by e-mail, or either."""
    scheduled = await write_read(
        "\n\n".join(filter(None, (payload.topic, payload.preferred_time))),
        partial(
            services.schedule_callback,
            conversation_id,
            client_id=str(payload.client_id),
            name=payload.name,
            phone=payload.phone or "",
            email=payload.email or "",
            preferred_time=payload.preferred_time or "",
            topic=payload.topic or "",
            kind=payload.kind,
        ),
    )
    notice = safety_notice(scheduled.safety)
    answer = CallbackOut(
        reference=scheduled.callback.reference,
        safety=notice.kind if notice else None,
        safety_text=notice.text if notice else None,
    )
    return Status(200 if scheduled.is_repeat else 201, answer)


@router.post(
    "/conversations/{conversation_id}/survey",
    response={201: SurveyOut, 200: SurveyOut},
    auth=VisitorToken(),
    throttle=Throttle(WRITING),
    openapi_extra=refusals(CLIENT_ID_REUSED, NOT_POSSIBLE_NOW),
)
@decorate_view(read_refused_texts)
async def record_survey(
    request: HttpRequest, conversation_id: UUID, payload: SurveyBody
) -> Status[SurveyOut]:
    """Score the bot or the specialist, from 1 to 5; works in a closed conversation too.

    The last stretch of talk with that party is scored, once.
    """
    recorded = await write_read(
        payload.comment,
        partial(
            services.record_survey,
            conversation_id,
            client_id=str(payload.client_id),
            about=payload.about,
            score=payload.score,
            comment=payload.comment or "",
        ),
    )
    notice = safety_notice(recorded.safety)
    answer = SurveyOut(
        about=payload.about,
        score=recorded.survey.score,
        safety=notice.kind if notice else None,
        safety_text=notice.text if notice else None,
    )
    return Status(200 if recorded.is_repeat else 201, answer)
