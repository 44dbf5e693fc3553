"""Finds the account of a signed-in request."""

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from staff.models import User


class AccountBackend(ModelBackend):
    """Django's own, with the account's presence read in the same query.

    Every request of a console asks for both, and twenty open consoles ask all the time.
    """

    def get_user(self, user_id: int) -> User | None:
        """Return the active account with its presence, or None."""
        accounts: QuerySet[User] = User.objects.select_related("presence")
        found = accounts.filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None
