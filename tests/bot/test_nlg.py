"""Stored texts come back byte for byte, and what stands behind them beside it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlg import StoredTextGenerator

ANSWER = {"kind": "answer", "entry": "a", "version": "1-00000000", "knowledge_version": "k"}
RESPONSES: dict[str, list[dict[str, Any]]] = {
    "utter_ask/a": [{"text": "Answer A", "metadata": ANSWER}],
    "utter_ask/b": [{"text": "Answer B", "metadata": ANSWER | {"entry": "b"}}],
    "utter_fallback": [{"text": "Sorry", "metadata": {"kind": "fallback", "choices": ["handoff"]}}],
    "utter_handoff": [{"text": "Of course", "metadata": {"kind": "handoff"}}],
    "utter_refusal": [{"text": "No", "metadata": {"kind": "refusal", "choices": ["handoff"]}}],
    "utter_empathy": [
        {"text": "I am sorry", "metadata": {"kind": "smalltalk", "choices": ["handoff"]}}
    ],
    "utter_nobody_now": [
        {"text": "Leave your number", "metadata": {"kind": "smalltalk", "choices": ["callback"]}}
    ],
    "utter_ask_the_rest": [{"text": "And the rest?", "metadata": {"kind": "smalltalk"}}],
    "utter_clarify": [{"text": "Which?", "metadata": {"kind": "clarify", "choices": ["handoff"]}}],
}


def generator(responses: dict[str, list[dict[str, Any]]]) -> StoredTextGenerator:
    nlg = StoredTextGenerator(None, Domain.empty())
    nlg.responses = responses
    return nlg


def tracker(**decision: Any) -> DialogueStateTracker:
    heard = UserUttered("x", parse_data={"decision": decision} if decision else {})
    return DialogueStateTracker.from_events("s", [heard])


async def generate(
    name: str, channel: str = "desk", responses: Any = RESPONSES, **decision: Any
) -> dict[str, Any]:
    generated = await generator(responses).generate(name, tracker(**decision), channel)
    assert generated is not None
    return generated


@given(st.text(min_size=1))
async def test_the_text_is_untouched(text: str) -> None:
    stored = {"utter_x": [{"text": text, "metadata": {"kind": "smalltalk"}}]}
    assert (await generate("utter_x", responses=stored))["text"] == text


@pytest.mark.parametrize("text", ["{}", "{{x}}", "a lone {", "{word} {organisation_name}"])
async def test_braces_are_only_characters(text: str) -> None:
    stored = {"utter_x": [{"text": text, "metadata": {"kind": "smalltalk"}}]}
    generated = await generator(stored).generate("utter_x", tracker(), "desk", word="no")
    assert generated is not None
    assert generated["text"] == text


async def test_an_answer_names_entry_and_version() -> None:
    message = (await generate("utter_ask/a"))["desk"]["messages"][0]
    assert message == {
        "kind": "answer",
        "entry": "a",
        "version": "1-00000000",
        "response": None,
        "choices": [],
    }


async def test_a_response_names_itself_and_its_choices() -> None:
    message = (await generate("utter_fallback"))["desk"]["messages"][0]
    assert (message["kind"], message["response"]) == ("fallback", "utter_fallback")
    assert message["choices"] == [{"label": "handoff"}]


async def test_a_refusal_offers_entries_before_a_person() -> None:
    message = (await generate("utter_refusal", choices=["ask/a"]))["desk"]["messages"][0]
    assert message["choices"] == [{"label": "ask/a"}, {"label": "handoff"}]


@pytest.mark.parametrize(
    ("name", "choices"),
    [("utter_empathy", []), ("utter_nobody_now", [{"label": "callback"}])],
)
async def test_kind_words_alone_leave_their_choices_to_the_answer(
    name: str, choices: list[dict[str, str]]
) -> None:
    """ "You can leave your number" names a button, and needs it beside an answer, too."""
    message = (await generate(name, after=["a"]))["desk"]["messages"][0]
    assert message["choices"] == choices


async def test_a_handoff_has_no_response() -> None:
    message = (await generate("utter_handoff"))["desk"]["messages"][0]
    assert (message["kind"], message["response"], message["choices"]) == ("handoff", None, [])


async def test_a_clarification_offers_entries_and_nothing_else() -> None:
    generated = await generate("utter_clarify", choices=["ask/a", "ask/b"])
    message = generated["desk"]["messages"][0]
    assert message["kind"] == "clarify"
    assert message["choices"] == [{"label": "ask/a"}, {"label": "ask/b"}]


async def test_a_clarification_without_choices_is_a_fallback() -> None:
    message = (await generate("utter_clarify"))["desk"]["messages"][0]
    assert message["kind"] == "fallback"
    assert message["choices"] == [{"label": "handoff"}]


async def test_several_messages_keep_their_order() -> None:
    generated = await generate("utter_fallback", before=["a"], after=["b"])
    messages = generated["desk"]["messages"]
    assert [m["entry"] or m["response"] for m in messages] == ["a", "utter_fallback", "b"]


async def test_what_is_left_unanswered_is_said_last() -> None:
    generated = await generate("utter_ask/a", after=["b"], has_more=True)
    messages = generated["desk"]["messages"]
    assert [m["entry"] or m["response"] for m in messages] == ["a", "b", "utter_ask_the_rest"]
    assert (messages[-1]["kind"], messages[-1]["choices"]) == ("smalltalk", [])


async def test_the_shell_shows_texts() -> None:
    generated = await generate("utter_clarify", channel="cmdline", choices=["ask/a"], after=["b"])
    assert generated == {"text": "Which?\n  [ask/a]\n\nAnswer B"}
    generated = await generate("utter_ask/a", channel="cmdline", has_more=True)
    assert generated == {"text": "Answer A\n\nAnd the rest?"}


async def test_an_unknown_response_is_none() -> None:
    assert await generator(RESPONSES).generate("utter_no", tracker(), "desk") is None
