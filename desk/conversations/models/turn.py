"""The bot's turn after a stored message, and what is recorded of it for review."""

from django.db import models

from conversations.models.message import Message


class TurnState(models.TextChoices):
    """How far a turn has come."""

    PENDING = "pending"
    ANSWERED = "answered"
    FAILED = "failed"


class Turn(models.Model):
    """The duty to answer one visitor message. Outlives a crash of the process at work on it."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="turn")
    state = models.CharField(max_length=10, choices=TurnState, default=TurnState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease_holder = models.CharField(max_length=40, blank=True)
    # A word such as "timeout"; never a text.
    failure = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    epoch = models.PositiveIntegerField()
    # What the visitor tapped, or named as "the second one" ("ask/<entry id>"), or "".
    choice = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "leased_until"], name="turn_due"),)

    def __str__(self) -> str:
        return f"turn {self.pk}"


class BotRecord(models.Model):
    """What cannot be recovered later about one bot message."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="record")
    # [{"label": "ask/<entry id>", "confidence": 0.81}, …], best first, at most five.
    candidates = models.JSONField(default=list)
    model_version = models.CharField(max_length=80, blank=True)
    knowledge_version = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    safety_verdict = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"record of {self.message_id}"
