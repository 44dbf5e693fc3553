"""What anybody may know: who runs the service, what visitors consent to, who is there now."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from availability import content
from availability.state import ClosureNotice, service_state
from conversations import access, texts
from gateway.limits import READING, Throttle
from gateway.schemas import (
    ClosureOut,
    OrganisationOut,
    ServiceOut,
    ServiceStateOut,
    VersionedText,
)
from turns.threads import run

router = Router(tags=["service"])

# Notices that a front end shows around the messages; the others come as messages.
_SHOWN_NOTICES = ("review_pending", "review_done", "callback_form")


@router.get("/service", response=ServiceOut, auth=None, throttle=Throttle(READING))
async def read_service(request: HttpRequest) -> ServiceOut:
    """Say who runs this service, how to get help at once, and whether people are there now."""
    return await run(_service)


def _service() -> ServiceOut:
    organisation = content.organisation()
    state = service_state(timezone.now())
    notices = content.knowledge().notices
    known = organisation.slots()
    consent = texts.compose("notice", "consent")
    return ServiceOut(
        mail=settings.SENDS_MAIL,
        organisation=OrganisationOut(
            name=organisation.name,
            former_name=organisation.former_name,
            is_demonstration=organisation.is_demonstration,
        ),
        emergency_number=known.get("emergency_number"),
        crisis_line=known.get("crisis_line"),
        consent=VersionedText(text=consent.text, version=notices["consent"].version),
        notices={
            name: texts.compose("notice", name).text for name in _SHOWN_NOTICES if name in notices
        },
        service=ServiceStateOut(
            is_open=state.is_open,
            is_staffed=state.is_staffed,
            is_closing_soon=state.is_closing_soon,
            opens_at=state.opens_at,
            closes_at=state.closes_at,
            hours_verified=organisation.hours_verified,
            wait_minutes=access.expected_wait() if state.can_reach_person else None,
            closure=_closure(state.closure),
        ),
    )


def _closure(closure: ClosureNotice | None) -> ClosureOut | None:
    return ClosureOut(message=closure.message, until=closure.until) if closure else None
