"""Asks a running house the held-out messages over its public API, as families do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge import load_knowledge
from ops.trial import OpenHouse, open_house
from ops.visitor import Exchange, Visitor
from tests.nlu.cases import ASK, ROOT, Case

# Which labels a reply of a kind fulfils, besides an answer, which fulfils its entry's alone.
# A safety reply on a judgement about a child is no verdict either. A family that asks for the
# moon is refused by a kind word or a refusal, too.
FULFILLED = {
    "handoff": {"request_person"},
    "refusal": {"advice", "out_of_scope_far"},
    "fallback": {"out_of_scope_near", "out_of_scope_far"},
    "smalltalk": {"small_talk", "out_of_scope_far"},
    "clarify": {"clarify"},
    "safety": {"emergency", "crisis", "advice"},
}


@dataclass(frozen=True)
class Reply:
    """One message of the house.

    Attributes:
        kind: what it did, in the API's words.
        labels: what it fulfils.
        offered: labels of the entries it offers.
        choices: the API's id of each offered label.
        safety: `emergency`, `crisis` or "".
    """

    kind: str
    labels: frozenset[str]
    offered: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    safety: str = ""


@dataclass(frozen=True)
class Outcome:
    """What the house did with one case.

    Attributes:
        case: what was asked.
        replies: in their order.
        milliseconds: from sending the message to having its replies.
        message_id: the API's id of the message that was asked.
        shown_by: for a follow-up: how the entry before was brought up, `title`, `choice` or
            `question`; "" when it could not be, or when there was none to show.
    """

    case: Case
    replies: tuple[Reply, ...]
    milliseconds: float
    message_id: str = ""
    shown_by: str = ""


class Interviewer:
    """Puts cases to a house and reads its replies."""

    def __init__(self, url: str, root: Path = ROOT) -> None:
        """Read the titles that tell which entry a choice stands for.

        Args:
            url: address of the desk.
            root: the repository.
        """
        self._url = url
        self._entries = load_knowledge(root / "knowledge").entries
        self._label_of = {entry.title: ASK + name for name, entry in self._entries.items()}
        self._asking_back = _asking_back(root / "domain.yml")
        self._visitors: list[Visitor] = []

    def ask(self, case: Case) -> Outcome:
        """Put a case to the house, in a conversation of its own.

        Raises:
            Stop: the house refused a message.
        """
        visitor = Visitor(self._url)
        self._visitors.append(visitor)
        shown_by = self._show(visitor, case.after) if case.after else ""
        exchange = visitor.say(case.text)
        visitor.hang_up()  # A thousand of them would be more connections than a process may hold.
        return Outcome(
            case,
            self._replies(exchange),
            1000 * exchange.seconds,
            exchange.message_id,
            shown_by,
        )

    def erase(self) -> None:
        """Have every conversation erased that was held."""
        while self._visitors:
            self._visitors.pop().erase()

    def _show(self, visitor: Visitor, entry: str) -> str:
        """Have the house show an entry last, and say how that was reached."""
        known = self._entries[entry]
        replies = self._replies(visitor.say(known.title))
        if _last_answer(replies) == ASK + entry:
            return "title"
        for reply in replies:
            if ASK + entry in reply.offered:
                replies = self._replies(
                    visitor.tap(reply.choices[reply.offered.index(ASK + entry)])
                )
                return "choice" if _last_answer(replies) == ASK + entry else ""
        # An entry's own question, word for word, is always answered with it.
        replies = self._replies(visitor.say(known.questions[0]))
        return "question" if _last_answer(replies) == ASK + entry else ""

    def _replies(self, exchange: Exchange) -> tuple[Reply, ...]:
        return tuple(self._reply(message) for message in exchange.replies)

    def _reply(self, message: dict[str, Any]) -> Reply:
        kind = message["kind"]
        offered = [
            (self._label_of[choice["title"]], choice["id"])
            for choice in message["choices"]
            if choice["title"] in self._label_of
        ]
        if message["answer"]:
            labels = {ASK + message["answer"]["entry_id"]}
        else:
            labels = set(FULFILLED.get(kind, ()))
            if message["text"] in self._asking_back:
                labels.add("clarify")
        return Reply(
            kind,
            frozenset(labels),
            tuple(label for label, _ in offered),
            tuple(choice for _, choice in offered),
            message["safety"] or "",
        )


def ask_all(interviewer: Interviewer, cases: Sequence[Case], visitors: int = 1) -> list[Outcome]:
    """Put cases to a house, in order; `visitors` of them at a time."""
    with ThreadPoolExecutor(visitors) as pool:
        return list(pool.map(interviewer.ask, cases))


@contextmanager
def house_to_measure() -> Iterator[OpenHouse]:
    """Yield the house that HOUSE_URL names, or a new one with an empty data folder.

    The one that is named has to run with RATE_LIMIT=off, and no family may be in it: messages
    that ask for a person put conversations into its queue until they are erased.
    """
    url = named_house()
    if url:
        yield OpenHouse(url, 0.0, Path(), dict(os.environ))
        return
    with open_house() as house:
        yield house


def named_house() -> str:
    """Return the address of the house that is to be measured; "" for a new one."""
    return os.environ.get("HOUSE_URL", "").rstrip("/")


def _last_answer(replies: Sequence[Reply]) -> str:
    answers = [label for reply in replies for label in reply.labels if label.startswith(ASK)]
    return answers[-1] if answers else ""


def _asking_back(domain: Path) -> frozenset[str]:
    """Return the texts that ask what was meant, also where they have nothing to offer."""
    responses = yaml.safe_load(domain.read_text("utf-8"))["responses"].values()
    return frozenset(
        variation["text"]
        for variations in responses
        for variation in variations
        if (variation.get("metadata") or {}).get("kind") == "clarify"
    )
