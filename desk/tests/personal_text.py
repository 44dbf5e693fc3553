"""Finds words in every text column of every table, so that a forgotten one cannot hide."""

from __future__ import annotations

from django.apps import apps
from django.db import connection, models

_TEXTUAL = (models.CharField, models.TextField, models.JSONField, models.UUIDField)


def places_with(*words: str) -> list[str]:
    """Where any of the words stands, as "table.column", read past the models' own managers."""
    found = []
    for table, column in text_columns():
        for row in _values(table, column):
            if any(word in row for word in words):
                found.append(f"{table}.{column}")
                break
    return found


def text_columns() -> list[tuple[str, str]]:
    """Every column that can hold words, of every table, join tables included."""
    columns = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, _TEXTUAL):
                columns.append((model._meta.db_table, field.column))
    return columns


def _values(table: str, column: str) -> list[str]:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {quote(column)} FROM {quote(table)}")
        return [str(value) for (value,) in cursor.fetchall() if value is not None]
