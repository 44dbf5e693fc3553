"""The kinds of audit entry this app writes. docs/audit.md is held to the list by a test."""

from audit import register

register("staff.created", "A staff account was made", "username", "role")
register("staff.reset", "A staff account got a new password or role", "username", "role")
register("staff.signed_in", "Somebody signed in")
register("staff.signed_out", "Somebody signed out")
register("staff.sign_in_failed", "A sign-in failed")
register("staff.accepting_set", "A specialist switched whether they take chats", "is_accepting")
register("staff.capacity_set", "A specialist set how many chats they take at once", "capacity")
