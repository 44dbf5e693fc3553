"""What staff keep beside a conversation, and entries an admin has withdrawn."""

from django.conf import settings
from django.db import models

from conversations.models.conversation import Conversation


class Note(models.Model):
    """A specialist's remark that the visitor never sees."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"note {self.pk}"


class WithdrawnEntry(models.Model):
    """An entry that is not shown, whatever its version, until an admin restores it."""

    entry_id = models.CharField(max_length=80, unique=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.entry_id
