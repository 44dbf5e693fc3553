"""What staff keep and do beside a conversation, and entries an admin has withdrawn."""

from django.conf import settings
from django.db import models

from conversations import contact_codes
from conversations.models.conversation import Conversation
from conversations.models.message import Message


class Note(models.Model):
    """A specialist's remark that the visitor never sees."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    # Set on advice from a supervisor to the specialist who talks; NULL on a plain note.
    advice_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"note {self.pk}"


class StaffView(models.Model):
    """How far one member of staff has read a conversation, and whether they look or type now."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="views")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    last_read_seq = models.PositiveIntegerField(default=0)
    viewed_at = models.DateTimeField(null=True, blank=True)
    typed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "user"], name="staff_view_once"),
        )

    def __str__(self) -> str:
        return f"view {self.pk}"


class HeldReplyState(models.TextChoices):
    """What became of a reply that a second reader looks at."""

    HELD = "held"
    RELEASED = "released"
    RETURNED = "returned"  # To its author, with a remark.
    DROPPED = "dropped"  # Since control moved on; its author has not put its words away yet.
    WITHDRAWN = "withdrawn"  # By its author.


class HeldReply(models.Model):
    """A reply that waits for a colleague's release before the visitor sees it."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="held_replies"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    text = models.TextField()
    resources = models.JSONField(default=list, blank=True)
    # What `send_reply` asks for: the control and the last message it was written under.
    epoch = models.PositiveIntegerField()
    seen_seq = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=HeldReplyState, default=HeldReplyState.HELD)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    remark = models.CharField(max_length=500, blank=True)
    message = models.OneToOneField(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="held_reply"
    )
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="held_reply_client_id_once"
            ),
        )

    def __str__(self) -> str:
        return f"held reply {self.pk}"


class ContactRecord(models.Model):
    """What one stretch of talk with a specialist was about, coded when it ends."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="contact_records"
    )
    specialist = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The control under which they talked: one record for each.
    epoch = models.PositiveIntegerField()
    purpose = models.CharField(max_length=40)
    topics = models.JSONField(default=list, blank=True)
    asker = models.CharField(max_length=40)
    resources = models.JSONField(default=list, blank=True)
    next_step = models.CharField(max_length=40)
    note = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=["conversation", "epoch"], name="contact_record_once"),
        )

    def __str__(self) -> str:
        return f"contact record {self.pk}"

    @property
    def purpose_label(self) -> str:
        """The purpose in words."""
        return contact_codes.PURPOSES.get(self.purpose, self.purpose)

    @property
    def asker_label(self) -> str:
        """Who asked, in words."""
        return contact_codes.ASKERS.get(self.asker, self.asker)

    @property
    def next_step_label(self) -> str:
        """The next step in words."""
        return contact_codes.NEXT_STEPS.get(self.next_step, self.next_step)

    @property
    def topic_labels(self) -> list[str]:
        """The topics in words."""
        known = contact_codes.topics()
        return [known.get(topic, topic) for topic in self.topics]

    @property
    def resource_titles(self) -> list[str]:
        """What was given, by title."""
        return [contact_codes.resource_title(each["kind"], each["id"]) for each in self.resources]


class WithdrawnEntry(models.Model):
    """An entry that is not shown, whatever its version, until an admin restores it."""

    entry_id = models.CharField(max_length=80, unique=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.entry_id
