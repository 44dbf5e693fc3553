"""The audit entry: who did what, when, under which request."""

from typing import Any, NoReturn

from django.db import models


class AuditEntry(models.Model):
    """One line of the record. Written once; holds no personal text."""

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=40)
    # One of visitor, bot, system, or staff:<user id>
    actor = models.CharField(max_length=40)
    conversation_id = models.UUIDField(null=True, blank=True, db_index=True)
    request_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.kind} by {self.actor}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Append an entry; refuse to change one."""
        if not self._state.adding:
            raise ValueError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: the record is append-only."""
        raise ValueError("an audit entry is never deleted")
