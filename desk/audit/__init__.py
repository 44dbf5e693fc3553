"""Append-only audit entries; imports no other app."""

from audit.kinds import register, registered
from audit.log import AuditValue, record, staff_actor

__all__ = ["AuditValue", "record", "register", "registered", "staff_actor"]
