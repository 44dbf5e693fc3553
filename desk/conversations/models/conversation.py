"""A conversation, who is in control of it, and the secrets that open it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Control(models.TextChoices):
    """The one party in control."""

    BOT = "bot"
    QUEUE = "queue"
    SPECIALIST = "specialist"
    CLOSED = "closed"


class Closer(models.TextChoices):
    """Who ended a conversation."""

    VISITOR = "visitor"
    SPECIALIST = "specialist"
    IDLE = "idle"


class QueueTold(models.TextChoices):
    """What a waiting visitor was told of the service's closing; "" while it is open."""

    CLOSING = "closing"  # Closed, but a person still works.
    CLOSED = "closed"  # Closed, and nobody works any more.


class Conversation(models.Model):
    """Everything between one visitor and us. Only services write here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    control = models.CharField(max_length=10, choices=Control, default=Control.BOT)
    specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Whose console was lost while they talked; the first to be able to take it again.
    lost_specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Grows at each change of control; a sender names the one it wrote under.
    epoch = models.PositiveIntegerField(default=1)
    last_seq = models.PositiveIntegerField(default=0)
    # Grows at everything a reader may want to see; the stream feed compares it.
    change_seq = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(db_index=True)
    language = models.CharField(max_length=8, default="en")
    page_url = models.CharField(max_length=2000, blank=True)
    # The visitor's own, such as "America/Chicago"; "" where the browser did not say.
    time_zone = models.CharField(max_length=64, blank=True)
    # What the visitor talked about before; known only where a resume link was used for it.
    continues = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="continued_by"
    )
    resumed_at = models.DateTimeField(null=True, blank=True)
    consented_at = models.DateTimeField()
    is_urgent = models.BooleanField(default=False)
    urgent_kind = models.CharField(max_length=10, blank=True)
    urgent_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    queue_reminded_at = models.DateTimeField(null=True, blank=True)
    queue_told = models.CharField(max_length=10, choices=QueueTold, blank=True, default="")
    handoff_reason = models.CharField(max_length=500, blank=True)
    asks_while_waiting = models.BooleanField(default=False)
    # Rasa's sender id: random, ours alone, new at each handback.
    bot_session = models.CharField(max_length=64)
    last_entry_id = models.CharField(max_length=80, blank=True)
    # A death was told, or grief asked about in words; tapping a title does not count.
    is_bereaved = models.BooleanField(default=False)
    fallbacks_in_a_row = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    # When the family's last page went away, and none came back; null while one is open, and once
    # the chat is closed. Written at going and coming alone, never for a sign of life.
    page_left_at = models.DateTimeField(null=True, blank=True)
    last_activity_at = models.DateTimeField(db_index=True)
    idle_warned_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=10, choices=Closer, blank=True)
    # Which one, where a specialist did: they owe a contact record, also without a word said.
    closing_specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (
            models.Index(fields=["control", "queued_at"], name="conversation_queue"),
            models.Index(fields=["created_at"], name="conversation_created"),
            # The console looks at each change for alarms that nobody has seen to.
            models.Index(
                fields=["urgent_at"], name="conversation_urgent", condition=Q(is_urgent=True)
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="specialist_only_in_control",
                condition=Q(control="specialist", specialist__isnull=False)
                | (~Q(control="specialist") & Q(specialist__isnull=True)),
            ),
            models.CheckConstraint(
                name="queued_at_while_queued",
                condition=~Q(control="queue") | Q(queued_at__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_at_when_closed",
                condition=Q(control="closed", closed_at__isnull=False)
                | (~Q(control="closed") & Q(closed_at__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return str(self.id)


class ResumeLink(models.Model):
    """A link that opens a conversation once, on another device; kept as a digest."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="resume_links"
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Whose attempt used it, as a digest: the same device may ask again when the answer was lost.
    used_by = models.CharField(max_length=64, blank=True)
    # Used, or replaced by a newer one.
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"resume link {self.pk}"


class ConversationToken(models.Model):
    """One secret that opens a conversation, kept as a digest."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"token {self.pk}"
