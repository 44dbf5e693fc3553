"""A mail to whoever is on duty, when a family waits unseen or a follow-up falls overdue."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from conversations import mail_texts
from conversations.digests import request_digest
from conversations.errors import UnknownConversation
from conversations.models import (
    CallbackRequest,
    CallbackState,
    Control,
    Conversation,
    Handoff,
    HandoffOutcomeKind,
    Mail,
    MailKind,
    StaffView,
)
from conversations.services.mail import queue_mail
from conversations.services.unit import unit

# Whoever is told that follow-ups are overdue looks at all of them.
_OVERDUE_PAUSE = timedelta(hours=1)
_MOST_AT_ONCE = 20


def alert_duty(now: datetime | None = None) -> int:
    """Write to `DUTY_EMAIL` of what nobody looks at; how many mails that makes.

    A family that waits is told of once for each time that it came into the queue; overdue
    follow-ups once when they fall due or are opened again, all of them in one mail and no more
    than one an hour. The mails hold no word and no name of a family.
    """
    if not (settings.SENDS_MAIL and settings.DUTY_EMAIL):
        return 0
    now = now or timezone.now()
    count = sum(_alert_waiting(pk, now) for pk in _unseen(now).values_list("pk", flat=True))
    return count + _alert_overdue(now)


def _unseen(now: datetime) -> QuerySet[Conversation]:
    limit = now - timedelta(minutes=settings.DUTY_ALERT_MINUTES)
    seen = StaffView.objects.filter(conversation=OuterRef("pk"), viewed_at__gt=limit)
    # Not `queued_at`: whoever is lost by a specialist keeps the old place, and waits anew.
    entered = Handoff.objects.filter(
        conversation=OuterRef("pk"), outcome=HandoffOutcomeKind.QUEUED
    ).order_by("-created_at")
    waiting = Conversation.objects.filter(control=Control.QUEUE).annotate(
        entered_at=Subquery(entered.values("created_at")[:1])
    )
    told = Mail.objects.filter(
        conversation=OuterRef("pk"),
        kind=MailKind.ALERT,
        callback=None,
        created_at__gte=OuterRef("entered_at"),
    )
    unseen = waiting.filter(entered_at__lte=limit).exclude(Exists(seen)).exclude(Exists(told))
    return unseen.order_by("entered_at")[:_MOST_AT_ONCE]


def _alert_waiting(conversation_id: object, now: datetime) -> bool:
    try:
        with unit(str(conversation_id)) as work:
            name = f"alert-waiting-{work.conversation.epoch}"
            known = Mail.objects.filter(conversation=work.conversation, client_id=name)
            if work.conversation.control != Control.QUEUE or known.exists():
                return False
            subject, body = mail_texts.waiting_alert(settings.DUTY_ALERT_MINUTES)
            queue_mail(
                work,
                client_id=name,
                request_digest=request_digest(alert=name),
                kind=MailKind.ALERT,
                to=settings.DUTY_EMAIL,
                subject=subject,
                body=body,
            )
            work.audit("mail.queued", actor="system", about=MailKind.ALERT)
            return True
    except UnknownConversation:
        return False  # Erased in the meantime.


def _alert_overdue(now: datetime) -> int:
    overdue = CallbackRequest.objects.filter(state=CallbackState.OPEN, due_at__lt=now)
    told = Mail.objects.filter(kind=MailKind.ALERT, callback__isnull=False)
    last_at = told.order_by("-created_at").values_list("created_at", flat=True).first()
    fresh = overdue
    if last_at is not None:
        if last_at > now - _OVERDUE_PAUSE:
            return 0
        # One that was opened again was told of, if at all, before it seemed done.
        fresh = overdue.filter(Q(due_at__gte=last_at) | Q(reopened_at__gte=last_at))
    first = fresh.order_by("due_at").first()
    if first is None:
        return 0
    try:
        with unit(first.conversation_id) as work:
            again = f"-{first.reopened_at.timestamp():.0f}" if first.reopened_at else ""
            name = f"alert-overdue-{first.pk}{again}"
            if Mail.objects.filter(conversation=work.conversation, client_id=name).exists():
                return 0
            subject, body = mail_texts.overdue_alert(overdue.count())
            queue_mail(
                work,
                client_id=name,
                request_digest=request_digest(alert=name),
                kind=MailKind.ALERT,
                callback=first,
                to=settings.DUTY_EMAIL,
                subject=subject,
                body=body,
            )
            work.audit("mail.queued", actor="system", about=MailKind.ALERT)
            return 1
    except UnknownConversation:
        return 0  # As above.
