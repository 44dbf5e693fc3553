"""The id of the request being worked on, for logs, audit entries and records.

It stands in the lowest app so that every other one may read it.
"""

from contextvars import ContextVar, Token

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request being worked on, or "" outside of one."""
    return _request_id.get()


def bind_request_id(request_id: str) -> Token[str]:
    """Make `request_id` current; hand the result to `reset_request_id` afterwards."""
    return _request_id.set(request_id)


def reset_request_id(token: Token[str]) -> None:
    """Forget the id that `bind_request_id` set."""
    try:
        _request_id.reset(token)
    except ValueError:
        # Bound in another context: a handler on one side of a thread, its end on the other.
        _request_id.set("")
