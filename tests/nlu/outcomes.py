"""Makes cases and outcomes for the tests of measuring itself."""

from __future__ import annotations

from tests.nlu.asking import FULFILLED, Outcome, Reply
from tests.nlu.cases import ASK, CLARIFY, LABELS, Case


def make_case(family: str = "answers", wanted: tuple[str, ...] = ("a",), **more: str) -> Case:
    """Return a case that wants one of some entries or labels."""
    labels = [name if name in LABELS | {CLARIFY} else ASK + name for name in wanted]
    case = {"text": "how so", "place": "set.yml:7", "label": labels[0], **more}
    return Case(family, wanted=(frozenset(labels),), **case)


def make_reply(said: str, *offered: str, safety: str = "") -> Reply:
    """Return a reply of a kind, or the answer of the entry with that id."""
    names = tuple(ASK + name for name in offered)
    if said in FULFILLED or said == "notice":
        return Reply(said, frozenset(FULFILLED.get(said, ())), names, names, safety)
    return Reply("answer", frozenset({ASK + said}), names, names)


def make_outcome(case: Case, *replies: Reply | str, **more: str) -> Outcome:
    """Return what came of a case; a reply may be given by its kind or entry alone."""
    made = [make_reply(reply) if isinstance(reply, str) else reply for reply in replies]
    return Outcome(case, tuple(made), milliseconds=10.0, **more)
