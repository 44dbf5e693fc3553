"""Accounts, roles and presence of staff; nothing about visitors."""
