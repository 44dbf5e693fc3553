"""The secrets that open a conversation. Only their digests are stored."""

from __future__ import annotations

import secrets

from django.utils import timezone

from conversations.digests import token_digest
from conversations.models import Conversation, ConversationToken
from conversations.services.unit import Unit

TOKEN_BYTES = 32  # 256 bits


def add_token(conversation: Conversation) -> str:
    """Give a locked or new conversation one more token and hand it out, this once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ConversationToken.objects.create(
        conversation=conversation, digest=token_digest(token), created_at=timezone.now()
    )
    return token


def revoke_live_tokens(work: Unit) -> int:
    """Revoke all tokens of a conversation at work; how many were live until now."""
    live = ConversationToken.objects.filter(conversation=work.conversation, revoked_at=None)
    work.is_changed = True  # Open streams look again, and end.
    return live.update(revoked_at=work.now)
