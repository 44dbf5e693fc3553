"""Every time a person was asked for, and what came of it."""

from django.conf import settings
from django.db import models

from conversations.models.conversation import Conversation


class TransferState(models.TextChoices):
    """What became of an offer to a colleague."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # By whoever offered it.
    LAPSED = "lapsed"  # Control moved otherwise before there was an answer.


class Transfer(models.Model):
    """A conversation offered to a colleague, who has it only after accepting."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="transfers"
    )
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # What the colleague should know; the visitor never sees it.
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=TransferState, default=TransferState.OFFERED)
    # The control it was offered under.
    epoch = models.PositiveIntegerField()
    answer_note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["conversation"],
                name="transfer_one_open",
                condition=models.Q(state="offered"),
            ),
        )

    def __str__(self) -> str:
        return f"transfer {self.pk}"


class HandoffOutcomeKind(models.TextChoices):
    """What a request for a person led to."""

    QUEUED = "queued"
    CALLBACK_OFFERED = "callback"
    ALREADY = "already"


class Handoff(models.Model):
    """One request for a person. Waits of the past are read from here."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="handoffs"
    )
    # NULL, not "": unique per conversation, and most rows have none.
    client_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - see above
    request_digest = models.CharField(max_length=64, blank=True)
    # "visitor", "bot" or "specialist" (a release back to the queue).
    asked_by = models.CharField(max_length=10)
    reason = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=10, choices=HandoffOutcomeKind)
    created_at = models.DateTimeField()
    position = models.PositiveIntegerField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    left_at = models.DateTimeField(null=True, blank=True)
    first_seq = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("created_at",)
        indexes = (models.Index(fields=["claimed_at"], name="handoff_claimed"),)
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="handoff_client_id_once"
            ),
        )

    def __str__(self) -> str:
        return f"handoff {self.pk}"
