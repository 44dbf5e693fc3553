"""What config, domain, rules and entries promise each other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.components.verdicts import FALLBACKS, Thresholds
from bot.names import COURTESIES, FOREIGN, JUDGEMENTS, LIVE_FACTS
from bot.spelling import words_of
from knowledge import SLOT_NAMES, load_knowledge, load_responses, normalise_question
from ops.settings import ROOT

DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
RULES = [
    rule
    for path in sorted((ROOT / "data" / "rules").glob("*.yml"))
    for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]
]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
KINDS = {"clarify", "refusal", "handoff", "smalltalk", "fallback"}
PUT_IN_PLACE = {
    "clarify",
    "clarify_rest",
    "nlu_fallback",
    "fallback_again",
}  # By the decision; nobody types them.


def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            lines = re.findall(r"^- (.*)$", block["examples"], flags=re.MULTILINE)
            found.setdefault(block["intent"], []).extend(lines)
    return found


def test_every_intent_has_a_rule_of_its_own() -> None:
    """Without one nothing would predict a reply, and the family would get none."""
    ruled = [rule["steps"][0]["intent"] for rule in RULES]
    assert sorted(ruled) == sorted([*DOMAIN["intents"], "ask"])


def test_every_rule_ends_in_a_reply_that_exists() -> None:
    for rule in RULES:
        action = rule["steps"][-1]["action"]
        known = action in DOMAIN["responses"] or action in DOMAIN["actions"]
        assert known or action == "utter_ask", rule["rule"]


def test_every_intent_has_examples() -> None:
    assert examples().keys() | PUT_IN_PLACE == set(DOMAIN["intents"])
    for intent, lines in examples().items():
        assert len(lines) >= 15, intent


@pytest.mark.parametrize("name", sorted(DOMAIN["responses"]))
def test_a_response_says_what_it_is(name: str) -> None:
    (variation,) = DOMAIN["responses"][name]
    assert variation["metadata"]["kind"] in KINDS
    choices = variation["metadata"].get("choices", [])
    assert set(choices) <= {"handoff", "callback"}
    if variation["metadata"]["kind"] in {"refusal", "fallback", "clarify"}:
        assert "handoff" in choices, "no dead ends: a person is one tap away"


def test_responses_can_be_read_by_the_desk() -> None:
    responses = load_responses(ROOT / "domain.yml")
    assert responses.keys() == DOMAIN["responses"].keys()
    assert all(set(text.slots) <= SLOT_NAMES for text in responses.values())


def test_names_in_the_code_are_intents() -> None:
    intents = set(DOMAIN["intents"])
    assert intents >= JUDGEMENTS | FOREIGN | COURTESIES | FALLBACKS | LIVE_FACTS


def test_the_selector_learns_from_the_same_foreign_intents() -> None:
    (selector,) = (c for c in CONFIG["pipeline"] if c["name"].endswith("LabelSelector"))
    assert set(selector["foreign"]) == FOREIGN


def test_every_threshold_stands_in_the_configuration_with_its_reason() -> None:
    (decision,) = (c for c in CONFIG["pipeline"] if c["name"].endswith(".Decision"))
    assert decision.keys() - {"name"} == Thresholds.__dataclass_fields__.keys()
    text = (ROOT / "config.yml").read_text("utf-8").split("decision.Decision")[1]
    for name in (
        "answer",
        "person",
        "intent",
        "judgement",
        "foreign",
        "clarify",
    ):
        before = text.split(f"\n  {name}: ")[0]
        assert before.rstrip().splitlines()[-1].lstrip().startswith("#"), name


def test_no_example_stands_under_two_intents_or_in_an_entry() -> None:
    entries = load_knowledge(ROOT / "knowledge").entries.values()
    seen = {normalise_question(q): e.id for e in entries for q in e.questions}
    for intent, lines in examples().items():
        for line in lines:
            asked = normalise_question(line) or line
            assert seen.setdefault(asked, intent) == intent, line


def test_follow_ups_name_no_topic() -> None:
    """Their words teach which words carry none: a drug among them would lose its meaning."""
    words = {word for line in examples()["follow_up"] for word in words_of(line)}
    topics = "blinatumomab leukemia chemo fever study pedal relapse transplant kmt2a vaccine hair"
    assert not words & set(topics.split())


def test_the_rule_policy_keeps_its_own_fallback() -> None:
    """With an `utter_…` there nothing predicts listening after it: silence for good."""
    (policy,) = CONFIG["policies"]
    assert policy == {"name": "RulePolicy"}


def test_nothing_but_our_channel_is_open() -> None:
    credentials = yaml.safe_load((ROOT / "credentials.yml").read_text("utf-8"))
    assert list(credentials) == ["bot.channel.DeskInput"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(exchange["response"]["body"], id=path.stem)
        for path in sorted((ROOT / "contracts" / "bot-turn").glob("*.json"))
        if path.stem != "refused-replies"
        and (exchange := json.loads(path.read_text("utf-8")))["request"]["path"].endswith("/turns")
        and exchange["response"]["status"] == 200
    ],
)
def test_a_contract_speaks_of_what_the_domain_has(body: dict[str, Any]) -> None:
    labels = {candidate["label"] for candidate in body["candidates"]}
    assert {label for label in labels if not label.startswith("ask/")} <= set(DOMAIN["intents"])
    named = {message["response"] for message in body["messages"]} - {None}
    assert named <= DOMAIN["responses"].keys()


def test_test_dialogues_name_entries_that_exist() -> None:
    """Rasa's own validation skips this folder."""
    entries = load_knowledge(ROOT / "knowledge").entries
    for path in sorted(Path(ROOT / "tests" / "conversations").glob("test_*.yml")):
        for name in re.findall(r"(?m)^ *intent: ask/(\S+)", path.read_text("utf-8")):
            assert name in entries, f"{path.name}: {name}"
