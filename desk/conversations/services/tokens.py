"""The secrets that open a conversation. Only their digests are stored."""

from __future__ import annotations

import secrets
import uuid

from django.utils import timezone

from conversations.digests import token_digest
from conversations.models import Conversation, ConversationToken
from conversations.services.unit import Unit, unit

TOKEN_BYTES = 32  # 256 bits


def add_token(conversation: Conversation) -> str:
    """Give a locked or new conversation one more token and hand it out, this once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ConversationToken.objects.create(
        conversation=conversation, digest=token_digest(token), created_at=timezone.now()
    )
    return token


def issue_token(conversation_id: uuid.UUID | str, *, actor: str = "visitor") -> str:
    """A further token for a conversation, shown this once.

    Raises:
        UnknownConversation: there is none with that id.
    """
    with unit(conversation_id) as work:
        token = add_token(work.conversation)
        work.audit("token.issued", actor=actor)
        return token


def revoke_tokens(
    conversation_id: uuid.UUID | str, *, keep: str | None = None, actor: str = "visitor"
) -> int:
    """Revoke all tokens of a conversation, but for `keep` where it is given.

    Returns:
        How many were revoked now.

    Raises:
        UnknownConversation: there is none with that id.
    """
    with unit(conversation_id) as work:
        count = revoke_live_tokens(work, keep=keep or "")
        work.audit("token.revoked", actor=actor, count=count)
        return count


def revoke_live_tokens(work: Unit, *, keep: str = "") -> int:
    """`revoke_tokens` inside a running unit of work."""
    live = ConversationToken.objects.filter(
        conversation=work.conversation, revoked_at=None
    ).exclude(digest=token_digest(keep))
    work.is_changed = True  # Open streams look again, and end.
    return live.update(revoked_at=work.now)


def revoke_token(conversation_id: uuid.UUID | str, token: str, *, actor: str = "visitor") -> bool:
    """Revoke one token; whether it was live until now.

    Raises:
        UnknownConversation: there is none with that id.
    """
    with unit(conversation_id) as work:
        count = ConversationToken.objects.filter(
            conversation=work.conversation, revoked_at=None, digest=token_digest(token)
        ).update(revoked_at=work.now)
        if count:
            work.is_changed = True
            work.audit("token.revoked", actor=actor, count=count)
        return bool(count)
