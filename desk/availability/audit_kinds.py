"""The kinds of audit entry this app writes. docs/audit.md is held to the list by a test."""

from audit import register

register("service.closed", "An admin closed the service at once", "closure", "until")
register("service.reopened", "An admin lifted a closing, or put another in its place", "closure")
