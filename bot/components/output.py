"""Writes what was found into a message in the form that Rasa's own parts read."""

from __future__ import annotations

from typing import Any

from rasa.shared.nlu.training_data.message import Message

from bot.components.labels import Labels, best_first
from bot.names import ASK, entry_id, entry_label
from encoder.arrays import Matrix

RANKING_LENGTH = 10


def set_intent(
    message: Message, labels: Labels, confidences: Matrix, intent: str | None = None
) -> None:
    """Set `intent`, `intent_ranking` and `response_selector`.

    Args:
        message: gets the three properties, as plain Python values.
        labels: all labels.
        confidences: one for each label, shape [n_labels].
        intent: put first in place of the best label's intent, such as `clarify`; with `ask/<id>`
            that entry is chosen.
    """
    order, most = best_first(confidences), RANKING_LENGTH + 1  # One may be taken out below.
    is_entry = labels.is_entry[order]
    chosen = entry_id(intent) if intent else None
    entries = [
        {"intent_response_key": labels[at], "confidence": float(confidences[at])}
        for at in order[is_entry][:most]
    ]
    # `ask` stands for all entries, with the confidence of the best.
    intents = order[~is_entry][:most].tolist() + order[is_entry][:1].tolist()
    intents.sort(key=lambda at: (-confidences[at], at))
    ranking = [
        {"name": ASK if entry_id(labels[at]) else labels[at], "confidence": float(confidences[at])}
        for at in intents
    ]
    if chosen:
        entries = _first(entries, "intent_response_key", entry_label(chosen))
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


def _first(items: list[dict[str, Any]], key: str, value: str) -> list[dict[str, Any]]:
    """Return the items with the one of this value first, at the confidence of the best.

    A ranking has to fall; what the decision puts first is at least as sure as what it replaced.
    """
    top = max((item["confidence"] for item in items), default=0.0)
    rest = [item for item in items if item[key] != value]
    return [{key: value, "confidence": top}, *rest]
