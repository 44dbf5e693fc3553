"""The ledger of erasures, and bot sessions that Rasa has still to forget."""

from django.db import models


class Erasure(models.Model):
    """That something was erased, kept so that a restored backup can be erased again."""

    subject_id = models.UUIDField(unique=True)
    erased_at = models.DateTimeField()
    # One of visitor, retention, replay, or staff:<user id>
    erased_by = models.CharField(max_length=40)

    class Meta:
        ordering = ("erased_at",)

    def __str__(self) -> str:
        return str(self.subject_id)


class PendingForget(models.Model):
    """A bot session that Rasa has not yet confirmed to have forgotten."""

    bot_session = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"forget {self.pk}"
