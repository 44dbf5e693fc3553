"""Mail on its way out. The duty to send it outlives a crash, as a turn does."""

from django.conf import settings
from django.db import models

from conversations.models.aftercare import CallbackRequest
from conversations.models.conversation import Conversation


class MailState(models.TextChoices):
    """How far a mail has come."""

    HELD = "held"  # Until a colleague has read it.
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


# The failure of an answer that was given back before it was sent.
MAIL_RETURNED = "returned"
# The failure of a mail whose last try broke off: the desk's own fault.
MAIL_FAULT = "fault"
MAIL_ON_ITS_WAY = (MailState.HELD, MailState.WAITING)


class MailKind(models.TextChoices):
    """What a mail is for."""

    TRANSCRIPT = "transcript"
    ANSWER = "answer"  # A specialist's, to a question that was left or a callback.
    ALERT = "alert"  # To whoever is on duty.


class Mail(models.Model):
    """One mail to one address."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="mails")
    callback = models.ForeignKey(
        CallbackRequest, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    client_id = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=12, choices=MailKind)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    # The same at every try, so that a mail that arrives twice can be known for one.
    message_id = models.CharField(max_length=255, blank=True)
    # Of a transcript: the last message that it holds.
    last_seq = models.PositiveIntegerField(default=0)
    # Who wrote it; NULL for a transcript that the visitor sends to themselves.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=40, blank=True)
    # A word such as "refused" or "timeout"; never a text.
    failure = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)
        indexes = (models.Index(fields=["state", "next_try_at"], name="mail_due"),)
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="mail_client_id_once"
            ),
        )

    def __str__(self) -> str:
        return f"mail {self.pk}"

    @property
    def is_lost(self) -> bool:
        """Whether it could not be sent, although nobody gave it back."""
        return self.state == MailState.FAILED and self.failure != MAIL_RETURNED
