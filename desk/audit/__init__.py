"""Append-only audit entries; imports no other app."""
