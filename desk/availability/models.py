"""What an admin says of the service besides its hours."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Closure(models.Model):
    """A sudden closing of the service, whatever the hours say, until it ends or is lifted."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)  # NULL: until it is lifted.
    # An admin's own words to families, shown as such; "" for none.
    message = models.CharField(max_length=500, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("starts_at",)
        constraints = (
            models.CheckConstraint(
                name="closure_ends_after_start",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
            ),
        )

    def __str__(self) -> str:
        return f"closure {self.pk}"
