"""Staff accounts and whether they are there."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property


class Role(models.TextChoices):
    """What a staff account may do. Roles are Django groups of these names."""

    SPECIALIST = "specialist"
    # Watches every conversation, advises specialists, steps in; may do all that they may.
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class User(AbstractUser):
    """Django's account row with the name that visitors see."""

    display_name = models.CharField(max_length=80, blank=True)

    def has_role(self, role: Role) -> bool:
        """Whether the account has exactly this role; see `staff.access` for what roles allow."""
        return role in self.roles

    @cached_property
    def roles(self) -> frozenset[str]:
        """The names of the roles that this account has."""
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def shown_name(self) -> str:
        """The name a visitor reads beside a reply."""
        return self.display_name or self.get_full_name() or self.username


class StaffPresence(models.Model):
    """When a console was last seen, whether its specialist takes conversations, and how many."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presence"
    )
    seen_at = models.DateTimeField(null=True, blank=True)
    is_accepting = models.BooleanField(default=True)
    # How many conversations they hold at once before colleagues are alerted instead.
    capacity = models.PositiveSmallIntegerField(default=4)

    def __str__(self) -> str:
        return f"presence of {self.user_id}"
