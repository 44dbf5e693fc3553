"""Whether the process lives and the house works, for supervisors and load balancers."""

from django.db import Error, connection
from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from conversations.stream.publish import is_reachable
from gateway.schemas import HealthOut, ReadinessOut
from relay import BotUnavailable, get_relay
from turns.threads import run, run_slow

router = Router(tags=["health"])


@router.api_operation(["HEAD"], "/healthz", response=HealthOut, auth=None, include_in_schema=False)
@router.get("/healthz", response=HealthOut, auth=None)
async def read_health(request: HttpRequest) -> HealthOut:
    """Answer while the process lives, whatever else is down."""
    return HealthOut(status="ok")


@router.api_operation(
    ["HEAD"],
    "/readyz",
    response={200: ReadinessOut, 503: ReadinessOut},
    auth=None,
    include_in_schema=False,
)
@router.get("/readyz", response={200: ReadinessOut, 503: ReadinessOut}, auth=None)
async def read_readiness(request: HttpRequest) -> Status[ReadinessOut]:
    """Say which parts of the house work.

    503 only when the database is down. Without the bot people can still reach a specialist, and
    without the push every stream still looks at the database once a second.
    """
    is_database_up = await run(_is_database_up)
    is_stream_up = await run_slow(is_reachable)
    readiness = ReadinessOut(
        status="ready" if is_database_up else "unavailable",
        bot="ok" if await _is_bot_ready() else "down",
        database="ok" if is_database_up else "down",
        stream="ok" if is_stream_up else "down",
    )
    return Status(200 if is_database_up else 503, readiness)


def _is_database_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


async def _is_bot_ready() -> bool:
    try:
        await get_relay().readiness()
    except BotUnavailable:
        return False
    return True
