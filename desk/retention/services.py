"""Erasing a subject everywhere, and seeing to it that the bot forgets too."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from retention import ledger
from retention.models import PendingForget
from retention.registry import ErasureSubject, erasers, forgetters

logger = logging.getLogger(__name__)


def erase(subject: ErasureSubject, *, by: str) -> None:
    """Run every eraser and write the ledger, in the caller's transaction.

    After the commit the bot is told to forget; what it does not confirm is tried again by
    `forget_pending`.
    """
    for eraser in erasers():
        eraser(subject)
    ledger.write(subject.conversation_id, at=timezone.now(), by=by)
    for session in subject.bot_sessions:
        forget_later(session)


def forget_later(bot_session: str) -> None:
    """Have the bot forget a session after the commit; durable from the commit on."""
    PendingForget.objects.get_or_create(
        bot_session=bot_session, defaults={"created_at": timezone.now()}
    )


def forget_pending(limit: int = 50) -> int:
    """Tell the bot to forget what it has not yet confirmed; for the worker.

    Returns:
        How many sessions are confirmed now.
    """
    done = 0
    for pending in PendingForget.objects.order_by("attempts", "created_at")[:limit]:
        if _forget(pending.bot_session):
            pending.delete()
            done += 1
        else:
            PendingForget.objects.filter(pk=pending.pk).update(attempts=pending.attempts + 1)
    return done


def _forget(bot_session: str) -> bool:
    """Whether everybody outside confirms; with nobody registered there is nothing to forget."""
    try:
        return all(forget(bot_session) for forget in forgetters())
    except Exception:
        # A forgetter speaks to another process; whatever goes wrong there, the worker comes back.
        logger.exception("a bot session could not be forgotten yet")
        return False


def forget_now(*bot_sessions: str) -> None:
    """Try at once, after a commit, what `forget_later` noted."""
    for session in bot_sessions:
        if _forget(session):
            with transaction.atomic():
                PendingForget.objects.filter(bot_session=session).delete()
