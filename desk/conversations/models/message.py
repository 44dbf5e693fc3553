"""Messages and the choices they offer. A stored message is never changed."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations import texts
from conversations.models.conversation import Control, Conversation


class Sender(models.TextChoices):
    """Who wrote a message."""

    VISITOR = "visitor"
    BOT = "bot"
    SPECIALIST = "specialist"
    SYSTEM = "system"


class Kind(models.TextChoices):
    """What a message is; the words are those of the public API."""

    TEXT = "text"
    ANSWER = "answer"
    CLARIFY = "clarify"
    REFUSAL = "refusal"
    SAFETY = "safety"
    HANDOFF = "handoff"
    SMALLTALK = "smalltalk"
    FALLBACK = "fallback"
    NOTICE = "notice"


PEOPLE = (Sender.VISITOR, Sender.SPECIALIST)
HOUSE = (Sender.BOT, Sender.SYSTEM)


class Message(models.Model):
    """One utterance. What bot and system say is always a rendered approved text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    seq = models.PositiveIntegerField()
    # NULL, not "": unique per conversation, and most rows have none.
    client_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - see above
    request_digest = models.CharField(max_length=64, blank=True)
    sender = models.CharField(max_length=10, choices=Sender)
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField()
    # "emergency", "crisis" or "": on a safety reply and on the visitor's message it answers.
    safety = models.CharField(max_length=10, blank=True)
    safety_verdict = models.JSONField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author_name = models.CharField(max_length=80, blank=True)
    in_reply_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies"
    )
    epoch = models.PositiveIntegerField()
    # Which approved text this is, "entry:<id>@<version>" and the like; "" for what people typed.
    text_id = models.CharField(max_length=160, blank=True)
    text_slots = models.JSONField(default=dict, blank=True)
    entry_id = models.CharField(max_length=80, blank=True)
    entry_version = models.CharField(max_length=40, blank=True)
    # Title, review status and sources of an answer as they were when it was given.
    answer = models.JSONField(null=True, blank=True)
    # Of a reply: what was put into it, [{"kind": "entry", "id": "…", "version": "…"}, …]; kinds
    # are "entry", "template" and "service".
    resources = models.JSONField(default=list, blank=True)
    # Of a visitor's message: who was in control once its replies were complete; "" until then.
    settled_control = models.CharField(max_length=10, choices=Control, blank=True)

    class Meta:
        ordering = (
            "conversation",
            "seq",
        )
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="message_client_id_once"
            ),
            models.CheckConstraint(name="message_seq_from_one", condition=Q(seq__gte=1)),
            models.CheckConstraint(
                name="message_text_approved",
                condition=(Q(sender__in=PEOPLE) & Q(text_id=""))
                | (
                    Q(sender__in=HOUSE)
                    & (
                        Q(text_id__startswith="entry:")
                        | Q(text_id__startswith="response:")
                        | Q(text_id__startswith="notice:")
                        | Q(text_id__startswith="safety:")
                    )
                ),
            ),
            models.CheckConstraint(
                name="message_answer_has_entry",
                condition=(
                    Q(kind="answer", text_id__startswith="entry:", sender="bot")
                    & ~Q(entry_id="")
                    & ~Q(entry_version="")
                )
                | (~Q(kind="answer") & ~Q(text_id__startswith="entry:") & Q(entry_id="")),
            ),
            models.CheckConstraint(
                name="message_reply_has_author",
                condition=Q(sender="specialist", author__isnull=False)
                | (~Q(sender="specialist") & Q(author__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new message; refuse to change one, and refuse words nobody approved."""
        if not self._state.adding:
            raise ValueError("a stored message is never changed")
        if self.sender in HOUSE and texts.render(self.text_id, self.text_slots) != self.text:
            raise texts.NotApproved(self.text_id)
        super().save(*args, **kwargs)


class Choice(models.Model):
    """One thing a visitor may tap under a message."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="choices")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="choices")
    # What the API calls the choice's `id`: one of the desk's own, or opaque.
    public_id = models.CharField(max_length=32)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    # "" for the desk's own; "ask/<entry id>" otherwise, which the visitor never sees.
    target = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = (
            "message",
            "position",
        )
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "public_id"],
                name="choice_id_once",
                condition=~Q(target=""),
            ),
            models.UniqueConstraint(fields=["message", "position"], name="choice_position_once"),
        )

    def __str__(self) -> str:
        return self.public_id
