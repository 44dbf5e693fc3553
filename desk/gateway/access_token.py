"""Who may touch a conversation: whoever shows one of its tokens."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest

from conversations import access
from conversations.errors import UnknownConversation
from conversations.models import Conversation
from turns.threads import run

_LONGEST_TOKEN = 200


@dataclass(frozen=True)
class Visitor:
    """A visitor who showed a valid token of the conversation in the path."""

    conversation: Conversation
    token: str


class VisitorToken:
    """Checks `Authorization: Bearer <token>` before anything else of a call is looked at.

    A wrong token, a missing one, an unknown id and one that is no id at all get the same answer:
    nobody learns which conversations exist.
    """

    is_async = True
    openapi_security_schema: ClassVar = {"type": "http", "scheme": "bearer"}

    async def __call__(self, request: HttpRequest) -> Visitor:
        """Return the visitor; raises UnknownConversation."""
        match = request.resolver_match
        conversation_id = parse_uuid(match.kwargs.get("conversation_id") if match else None)
        token = bearer_token(request)
        if conversation_id is None or not token:
            raise UnknownConversation
        conversation = await run(access.conversation_for_token, conversation_id, token)
        return Visitor(conversation, token)


def visitor_of(request: HttpRequest) -> Visitor:
    """Return the visitor that `VisitorToken` let in."""
    visitor = getattr(request, "auth", None)
    if not isinstance(visitor, Visitor):
        raise UnknownConversation  # Only a call without `VisitorToken` comes here.
    return visitor


def bearer_token(request: HttpRequest) -> str:
    """Return the token in the Authorization header, "" when there is none to speak of."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or len(token) > _LONGEST_TOKEN or not token.isascii():
        return ""
    return token


def parse_uuid(value: Any) -> UUID | None:
    """Return the UUID that a part of a path is, None when it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None
