"""Digests: of tokens, so that a stolen database opens nothing, and of requests, to know repeats."""

from __future__ import annotations

import hashlib
import json


def token_digest(token: str) -> str:
    """What is stored of a token: its SHA-256 in hex.

    A token has 256 random bits, so there is nothing to guess and a plain digest is enough.
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def request_digest(**fields: object) -> str:
    """What is stored of a request, to tell a repeat from another request under its client id."""
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
