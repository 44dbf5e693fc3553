"""Going on with a conversation on another device."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from conversations import services
from gateway.access_token import VisitorToken
from gateway.limits import RESUMING, WRITING, Throttle
from gateway.openapi import refusals
from gateway.present import public_state
from gateway.problems import NOT_FOUND, RESUME_LINK_SPENT
from gateway.schemas import EmptyBody, ResumeBody, ResumedOut, ResumeLinkOut
from turns.threads import run_writing

router = Router(tags=["conversations"])


@router.post(
    "/conversations/{conversation_id}/resume-link",
    response={201: ResumeLinkOut},
    auth=VisitorToken(),
    throttle=Throttle(WRITING),
)
async def make_resume_link(
    request: HttpRequest, conversation_id: UUID, payload: EmptyBody | None = None
) -> Status[ResumeLinkOut]:
    """Make a link for another device: one use, until it expires. Earlier links stop working."""
    made = await run_writing(services.make_resume_link, conversation_id)
    # In the fragment: it is sent to no server and stands in no log.
    url = f"{made.page_url or settings.DESK_URL + '/'}#resume={made.token}"
    return Status(201, ResumeLinkOut(url=url, token=made.token, expires_at=made.expires_at))


@router.post(
    "/resume",
    response={200: ResumedOut},
    auth=None,
    throttle=Throttle(RESUMING),
    openapi_extra=refusals(RESUME_LINK_SPENT, NOT_FOUND),
)
async def resume(request: HttpRequest, payload: ResumeBody) -> ResumedOut:
    """Use a resume link. The conversation opens with the new token alone from now on."""
    resumed = await run_writing(
        services.resume_conversation,
        payload.token,
        client_id=str(payload.client_id) if payload.client_id else "",
    )
    return ResumedOut(
        id=resumed.conversation.pk,
        token=resumed.token,
        state=public_state(resumed.conversation.control),
        last_seq=resumed.conversation.last_seq,
    )
