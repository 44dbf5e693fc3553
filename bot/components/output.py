"""Writes what was found into a message in the form that Rasa's own parts read."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.shared.nlu.training_data.message import Message

from bot.components.regression import Matrix
from bot.names import ASK, entry_id, entry_label

RANKING_LENGTH = 10


def set_intent(
    message: Message, labels: list[str], confidences: Matrix, intent: str | None = None
) -> None:
    """Set `intent`, `intent_ranking` and `response_selector`.

    Args:
        message: gets the three properties, as plain Python values.
        labels: all labels.
        confidences: one for each label, shape [n_labels].
        intent: put first in place of the best label's intent, such as `clarify`; with `ask/<id>`
            that entry is chosen.
    """
    order = np.argsort(-confidences, kind="stable")
    ranked = [(labels[at], float(confidences[at])) for at in order]
    chosen = entry_id(intent) if intent else None
    entries = [
        {"intent_response_key": label, "confidence": confidence}
        for label, confidence in ranked
        if entry_id(label)
    ]
    if chosen:
        entries = _first(entries, "intent_response_key", entry_label(chosen))
    ranking = _intents(ranked)
    if intent:
        ranking = _first(ranking, "name", ASK if chosen else intent)
    message.set("intent", dict(ranking[0]), add_to_output=True)
    message.set("intent_ranking", ranking[:RANKING_LENGTH], add_to_output=True)
    message.set("response_selector", _selected(entries), add_to_output=True)


def _selected(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the response-selector property; see Rasa's ResponseSelector for the contract."""
    best = entries[0] if entries else {"intent_response_key": f"{ASK}/", "confidence": 0.0}
    key = best["intent_response_key"]
    return {
        "all_retrieval_intents": [ASK],
        ASK: {
            "response": {
                "intent_response_key": key,
                "utter_action": f"utter_{key}",
                "confidence": best["confidence"],
                "responses": [],
            },
            "ranking": entries[:RANKING_LENGTH],
        },
    }


def _intents(ranked: list[tuple[str, float]]) -> list[dict[str, Any]]:
    """Return base intents, best first; `ask` has its best entry's confidence."""
    best: dict[str, float] = {}
    for label, confidence in ranked:
        best.setdefault(ASK if entry_id(label) else label, confidence)
    return [{"name": name, "confidence": confidence} for name, confidence in best.items()]


def _first(items: list[dict[str, Any]], key: str, value: str) -> list[dict[str, Any]]:
    """Return the items with the one of this value first, at the confidence of the best.

    A ranking has to fall; what the decision puts first is at least as sure as what it replaced.
    """
    top = max((item["confidence"] for item in items), default=0.0)
    rest = [item for item in items if item[key] != value]
    return [{key: value, "confidence": top}, *rest]
