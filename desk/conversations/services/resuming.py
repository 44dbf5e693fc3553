"""Going on with a conversation on another device: a link that is signed, used once, and expires."""

from __future__ import annotations

import secrets
import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Q

from conversations.digests import request_digest, token_digest
from conversations.errors import ResumeLinkSpent, UnknownResumeLink
from conversations.models import Conversation, ResumeLink
from conversations.results import MadeResumeLink, Resumed
from conversations.services.tokens import TOKEN_BYTES, add_token, revoke_live_tokens
from conversations.services.unit import unit


def _signer() -> signing.Signer:
    """What lets a forged link be told from one of ours without a look into the database."""
    return signing.Signer(salt="conversations.resume-link")


def make_resume_link(conversation_id: uuid.UUID | str) -> MadeResumeLink:
    """A link's secret, shown this once; links that were made before stop working.

    Raises:
        UnknownConversation: there is none with that id.
    """
    with unit(conversation_id) as work:
        ResumeLink.objects.filter(conversation=work.conversation).update(
            used_at=work.now, used_by=""
        )
        token = _signer().sign(secrets.token_urlsafe(TOKEN_BYTES))
        link = ResumeLink.objects.create(
            conversation=work.conversation,
            digest=token_digest(token),
            created_at=work.now,
            expires_at=work.now + timedelta(hours=settings.RESUME_LINK_HOURS),
        )
        work.audit("resume.link_made", actor="visitor")
        return MadeResumeLink(token, link.expires_at, work.conversation.page_url)


def resume_conversation(token: str, *, client_id: str = "") -> Resumed:
    """The conversation of a link, with a new token; all older tokens and links are revoked.

    Args:
        token: the link's secret.
        client_id: the attempt's own id. The same again, while the link has not expired, gets
            another token in place of one whose answer may have been lost; "" never does.

    Raises:
        UnknownResumeLink: nobody here made this link, or some of it is missing.
        ResumeLinkSpent: it was used, replaced by another, has expired, or its conversation is
            erased.
    """
    try:
        _signer().unsign(token)
    except signing.BadSignature:
        raise UnknownResumeLink from None
    link = ResumeLink.objects.filter(digest=token_digest(token)).first()
    if link is None:
        raise ResumeLinkSpent("The chat of this link has been deleted.")
    with unit(link.conversation_id) as work:
        links = ResumeLink.objects.filter(conversation=work.conversation)
        known_as = request_digest(link=link.digest, client_id=client_id) if client_id else ""
        mine = Q(used_at=None) | (Q(used_by=known_as) & ~Q(used_by=""))
        is_won = links.filter(mine, pk=link.pk, expires_at__gt=work.now).update(
            used_at=work.now, used_by=known_as
        )
        if is_won:
            # What the old device made is of no more use, nor what was tried here before.
            links.exclude(pk=link.pk).update(used_at=work.now, used_by="")
            count = revoke_live_tokens(work)
            fresh = add_token(work.conversation)
            work.conversation.resumed_at = work.now
            work.audit("resume.link_used", actor="visitor", revoked=count)
            return Resumed(work.conversation, fresh)
    raise ResumeLinkSpent


def continued_conversation(conversation_id: uuid.UUID | str, token: str) -> Conversation | None:
    """The conversation that a new one goes on from; None unless a resume link was used for it.

    Whoever merely sits at the same computer does not get to tie two families together.
    """
    try:
        pk = uuid.UUID(str(conversation_id))
    except ValueError:
        return None
    return Conversation.objects.filter(
        pk=pk,
        resumed_at__isnull=False,
        tokens__digest=token_digest(token),
        tokens__revoked_at=None,
    ).first()
