"""What a role allows."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from staff.models import Role, User

type Visiting = User | AnonymousUser

# Whose accounts may hold a conversation.
CHAT_ROLES = (Role.SPECIALIST, Role.SUPERVISOR)


def has_any_role(user: Visiting, *roles: Role) -> bool:
    """Whether a signed-in, active account has one of the roles."""
    return isinstance(user, User) and user.is_active and any(user.has_role(role) for role in roles)


def may_chat(user: Visiting) -> bool:
    """Whether the account may claim conversations and reply."""
    return has_any_role(user, *CHAT_ROLES)


def may_watch(user: Visiting) -> bool:
    """Whether the account may see the console: its queue and conversations in progress."""
    return has_any_role(user, *CHAT_ROLES, Role.ADMIN)


def may_supervise(user: Visiting) -> bool:
    """Whether the account may see every wait, advise a specialist privately and step in."""
    return has_any_role(user, Role.SUPERVISOR)


def may_review(user: Visiting) -> bool:
    """Whether the account may read transcripts."""
    return has_any_role(user, Role.REVIEWER, Role.ADMIN)


def may_administer(user: Visiting) -> bool:
    """Whether the account may withdraw entries and erase conversations."""
    return has_any_role(user, Role.ADMIN)


def require_role(user: Visiting, *roles: Role) -> User:
    """The account, once it is sure that it has one of the roles.

    Raises:
        django.core.exceptions.PermissionDenied: it has none of them.
    """
    if not isinstance(user, User) or not has_any_role(user, *roles):
        raise PermissionDenied("Your account may not do this.")
    return user
