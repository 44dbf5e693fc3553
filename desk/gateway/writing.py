"""Writing what a visitor sent, read for danger before the conversation is locked."""

from collections.abc import Callable

from conversations import services
from turns.threads import run_check, run_writing, to_the_end


async def write_read[R](text: str | None, write: Callable[..., R]) -> R:
    """Return what a service returns that takes the `verdict` on a text.

    Both steps are done even when the caller goes away.

    Args:
        text: what the visitor wrote, if anything.
        write: the service with all its other arguments.
    """

    async def both() -> R:
        verdict = await run_check(services.verdict_on, text)
        return await run_writing(write, verdict=verdict)

    return await to_the_end(both())
