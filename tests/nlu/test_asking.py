"""Cases are put to the public API as families would, each in a conversation of its own."""

from __future__ import annotations

from typing import ClassVar

import pytest
import yaml

from knowledge import load_knowledge
from ops.visitor import Exchange
from tests.nlu import asking
from tests.nlu.asking import Interviewer, ask_all
from tests.nlu.cases import ROOT
from tests.nlu.outcomes import make_case

ENTRIES = load_knowledge(ROOT / "knowledge").entries
FIRST, OTHER = "study-who", "study-journal"


def message(kind, *, entry=None, text="", choices=(), safety=None):
    return {
        "kind": kind,
        "text": text,
        "safety": safety,
        "answer": {"entry_id": entry} if entry else None,
        "choices": [{"id": f"c-{title}", "title": title} for title in choices],
    }


class Family:
    """Stands in for `Visitor`: answers by what is said, and remembers it."""

    held: ClassVar[list[Family]] = []
    replies: ClassVar[dict[str, list[dict[str, object]]]] = {}

    def __init__(self, url):
        self.said: list[str] = []
        self.is_erased = False
        self.is_connected = True
        Family.held.append(self)

    def say(self, text):
        self.said.append(text)
        return Exchange(f"id of {text}", Family.replies.get(text, [message("fallback")]), 0.25)

    tap = say

    def hang_up(self):
        self.is_connected = False

    def erase(self):
        self.is_erased = True


@pytest.fixture(autouse=True)
def families(monkeypatch):
    monkeypatch.setattr(asking, "Visitor", Family)
    monkeypatch.setattr(Family, "held", [])
    monkeypatch.setattr(Family, "replies", {})
    return Family


def test_what_came_back_is_read(families):
    title = ENTRIES[OTHER].title
    families.replies["how so"] = [
        message("safety", safety="crisis"),
        message("answer", entry=FIRST, choices=["Talk to a person"]),
        message("clarify", choices=[title, "Talk to a person"]),
    ]
    outcome = Interviewer("http://house").ask(make_case())
    safety, answer, clarify = outcome.replies
    assert (safety.kind, safety.safety, "crisis" in safety.labels) == ("safety", "crisis", True)
    assert (answer.labels, answer.offered) == (frozenset({f"ask/{FIRST}"}), ())
    assert (clarify.offered, clarify.choices) == ((f"ask/{OTHER}",), (f"c-{title}",))
    assert (outcome.milliseconds, outcome.message_id) == (250, "id of how so")


def test_asking_back_with_nothing_to_offer_is_asking_back(families):
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    text = domain["responses"]["utter_clarify_pronoun"][0]["text"]
    families.replies["how so"] = [message("fallback", text=text)]
    [reply] = Interviewer("http://house").ask(make_case()).replies
    assert {"clarify", "out_of_scope_near"} <= reply.labels


def test_each_case_has_a_conversation_of_its_own_and_keeps_its_place(families):
    cases = [make_case(text=f"number {number}") for number in range(9)]
    found = ask_all(Interviewer("http://house"), cases, visitors=3)
    assert [outcome.case for outcome in found] == cases
    assert sorted(family.said for family in families.held) == [[case.text] for case in cases]
    assert not any(family.is_connected for family in families.held)


@pytest.mark.parametrize(
    ("replies", "shown_by"),
    [
        ({"title": [message("answer", entry=FIRST)]}, "title"),
        ({"title": [message("clarify", choices=[ENTRIES[FIRST].title])]}, "choice"),
        ({"question": [message("answer", entry=FIRST)]}, "question"),
        ({"title": [message("answer", entry=OTHER)]}, ""),
        ({"title": [message("answer", entry=FIRST), message("answer", entry=OTHER)]}, ""),
    ],
)
def test_a_follow_up_comes_after_its_entry(families, replies, shown_by):
    words = {"title": ENTRIES[FIRST].title, "question": ENTRIES[FIRST].questions[0]}
    families.replies.update({words[name]: said for name, said in replies.items()})
    families.replies[f"c-{ENTRIES[FIRST].title}"] = [message("answer", entry=FIRST)]
    outcome = Interviewer("http://house").ask(make_case("follow_ups", after=FIRST))
    [family] = families.held
    assert (outcome.shown_by, family.said[0], family.said[-1]) == (
        shown_by,
        ENTRIES[FIRST].title,
        "how so",
    )


def test_conversations_are_erased_once(families):
    interviewer = Interviewer("http://house")
    ask_all(interviewer, [make_case(), make_case()])
    assert not any(family.is_erased for family in families.held)
    interviewer.erase()
    interviewer.erase()
    assert [family.is_erased for family in families.held] == [True, True]


def test_titles_tell_entries_apart():
    """A choice is known by its title alone."""
    titles = [entry.title for entry in ENTRIES.values()]
    assert len(set(titles)) == len(titles)
