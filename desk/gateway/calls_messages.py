"""Sending messages, reading them and judging them."""

from functools import partial
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from ninja.decorators import decorate_view
from ninja.responses import Status

from audit.request_id import current_request_id
from conversations import access, services
from conversations.errors import UnknownConversation
from conversations.results import Accepted
from gateway.access_token import VisitorToken
from gateway.errors import safety_notice
from gateway.limits import MESSAGES, READING, WRITING, Throttle
from gateway.openapi import refusals
from gateway.present import message_out, messages_out, public_state
from gateway.problems import (
    CLIENT_ID_REUSED,
    CONVERSATION_CLOSED,
    STILL_IN_WORK,
    TEXT_TOO_LONG,
    UNKNOWN_CHOICE,
    Problem,
)
from gateway.refused_texts import read_refused_texts
from gateway.schemas import (
    LARGEST_SEQ,
    MOST_MESSAGES_A_PAGE,
    ExchangeOut,
    FeedbackBody,
    MessageBody,
    PageOut,
    SafetyOut,
)
from gateway.writing import write_read
from turns.engine import TurnStillPending, finish_turn
from turns.leases import OWN, Claimed, claimed_with
from turns.threads import run

router = Router(tags=["messages"])

After = Annotated[int, Query(ge=0, le=LARGEST_SEQ, description="Only what has a higher `seq`.")]
Limit = Annotated[int, Query(ge=1, le=MOST_MESSAGES_A_PAGE)]


@router.post(
    "/conversations/{conversation_id}/messages",
    response={201: ExchangeOut, 200: ExchangeOut},
    auth=VisitorToken(),
    throttle=Throttle(MESSAGES),
    openapi_extra=refusals(
        CONVERSATION_CLOSED, CLIENT_ID_REUSED, TEXT_TOO_LONG, UNKNOWN_CHOICE, STILL_IN_WORK
    ),
)
@decorate_view(read_refused_texts)
async def send_message(
    request: HttpRequest, conversation_id: UUID, payload: MessageBody
) -> Status[ExchangeOut]:
    """Send a message; the replies come back in the same answer.

    The same `client_id` again gives 200 and the very same body.
    """
    accepted = await write_read(
        payload.text,
        partial(
            services.accept_visitor_message,
            conversation_id,
            client_id=str(payload.client_id),
            text=payload.text,
            choice_id=payload.choice,
            request_id=current_request_id(),
            lease=OWN,
        ),
    )
    if accepted.turn is not None:
        await _wait_for_turn(accepted.turn.pk, claimed_with(accepted))
    exchange = await run(_exchange, accepted)
    return Status(200 if accepted.is_repeat else 201, exchange)


async def _wait_for_turn(turn_id: int, claimed: Claimed | None) -> None:
    try:
        await finish_turn(turn_id, claimed=claimed)
    except TurnStillPending:
        raise Problem(
            STILL_IN_WORK,
            "Send the same again a little later; nothing will be stored or asked twice.",
            headers={"Retry-After": "2"},
        ) from None


def _exchange(accepted: Accepted) -> ExchangeOut:
    # Read anew: the turn has stored replies, and noted who was in control once they were complete.
    found = access.exchange(accepted.message.pk)
    if not found:
        raise UnknownConversation  # Erased while the bot was asked.
    message, *replies = found
    return ExchangeOut(
        message=message_out(message),
        replies=messages_out(replies),
        state=public_state(message.settled_control or accepted.control),
    )


@router.get(
    "/conversations/{conversation_id}/messages",
    response=PageOut,
    auth=VisitorToken(),
    throttle=Throttle(READING),
)
async def list_messages(
    request: HttpRequest, conversation_id: UUID, after: After = 0, limit: Limit = 50
) -> PageOut:
    """Return messages in order of `seq`."""
    return await run(_page, conversation_id, after, limit)


def _page(conversation_id: UUID, after: int, limit: int) -> PageOut:
    page = access.messages_after(conversation_id, after, limit)
    return PageOut(
        messages=messages_out(page.messages),
        last_seq=page.last_seq,
        more=page.has_more,
        state=public_state(page.control),
    )


@router.post(
    "/conversations/{conversation_id}/messages/{message_id}/feedback",
    response={204: None, 200: SafetyOut},
    auth=VisitorToken(),
    throttle=Throttle(WRITING),
)
@decorate_view(read_refused_texts)
async def give_feedback(
    request: HttpRequest, conversation_id: UUID, message_id: UUID, payload: FeedbackBody
) -> Status[SafetyOut | None]:
    """Say whether something the bot said helped; a later judgement replaces an earlier one.

    A comment that describes an emergency or a crisis is answered with 200 and the safety reply.
    """
    finding = await write_read(
        payload.comment,
        partial(
            services.give_feedback,
            conversation_id,
            message_id,
            is_helpful=payload.helpful,
            comment=payload.comment or "",
        ),
    )
    notice = safety_notice(finding)
    if notice is None:
        return Status(204, None)
    return Status(200, SafetyOut(safety=notice.kind, safety_text=notice.text))
