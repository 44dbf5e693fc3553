"""Names what the bot chose, with the stored text beside it exactly as stored."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.names import entry_label
from bot.turn import ChoiceData, MessageData

SHELL_CHANNELS = frozenset({"queue", "cmdline", "CollectingOutputChannel"})
"""Rasa's own channels, where a person reads plain text: `rasa shell` and interactive use."""

_KIND_WORDS, _ASK_THE_REST = "utter_empathy", "utter_ask_the_rest"


class StoredTextGenerator(TemplatedNaturalLanguageGenerator):
    """Returns stored texts untouched and, for our channel, what stands behind them.

    Rasa's own generator formats braces: `{}` becomes a dump of variables and a lone brace loses
    the reply. Here no text is ever formatted. The base class is needed, since Rasa fills
    `responses` for this type alone once a model is loaded.

    A response says in its metadata which `kind` of message it is and which `choices` it offers.
    """

    def __init__(self, endpoint_config: EndpointConfig | None, domain: Domain) -> None:
        super().__init__(domain.responses)

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """Return the text of a response and the messages of this turn, or None if unknown."""
        variations = self.responses.get(utter_action)
        if not variations:
            return None
        stored = variations[0]
        decision = _decision_of(tracker)
        if output_channel in SHELL_CHANNELS:
            return {"text": self._joined_text(stored, decision)}
        before = self._answers(decision.get("before", ()))
        after = [*self._answers(decision.get("after", ())), *self._rest(decision)]
        own = _message(utter_action, stored.get("metadata") or {}, decision)
        return {
            "text": stored["text"],
            "desk": {
                "messages": [*before, own, *after],
                "candidates": decision.get("candidates", []),
            },
        }

    def _answers(self, entries: list[str]) -> list[MessageData]:
        messages = []
        for entry in entries:
            name = f"utter_{entry_label(entry)}"
            messages.append(_message(name, self.responses[name][0]["metadata"], {}))
        return messages

    def _rest(self, decision: dict[str, Any]) -> list[MessageData]:
        """Return the word about questions that are left, where there are any."""
        if not decision.get("has_more"):
            return []
        return [_message(_ASK_THE_REST, self.responses[_ASK_THE_REST][0]["metadata"], {})]

    def _joined_text(self, stored: dict[str, Any], decision: dict[str, Any]) -> str:
        def texts(entries: list[str]) -> list[str]:
            return [self.responses[f"utter_{entry_label(entry)}"][0]["text"] for entry in entries]

        offered = [f"  [{choice}]" for choice in decision.get("choices", [])]
        own = "\n".join([stored["text"], *offered])
        blocks = [*texts(decision.get("before", [])), own, *texts(decision.get("after", []))]
        if decision.get("has_more"):
            blocks.append(self.responses[_ASK_THE_REST][0]["text"])
        return "\n\n".join(blocks)


def _decision_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    latest = tracker.latest_message
    return (latest.parse_data.get("decision") if latest else None) or {}


def _message(name: str, metadata: dict[str, Any], decision: dict[str, Any]) -> MessageData:
    kind = metadata.get("kind", "fallback")
    chosen, usual = decision.get("choices", []), metadata.get("choices", [])
    labels = [*chosen, *usual] if kind == "refusal" else chosen or usual
    if decision.get("after") and name == _KIND_WORDS:
        labels = []  # The answer after them is what to look at.
    if kind == "clarify" and not decision.get("choices"):
        kind = "fallback"  # Nothing to choose from: an honest "I did not understand" instead.
    is_answer = kind == "answer"
    return MessageData(
        kind=kind,
        entry=metadata["entry"] if is_answer else None,
        version=metadata["version"] if is_answer else None,
        response=None if is_answer or kind == "handoff" else name,
        choices=[ChoiceData(label=label) for label in labels],
    )
