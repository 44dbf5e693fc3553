"""Reads the held-out sets: every folder `tests/nlu/<day>/` is one, written apart from training.

A file of a set is Rasa NLU YAML, or a list under `follow_ups:` or `several:`; what it holds says
which, not its name. The day is the set's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ASK = "ask/"

# Labels of held-out messages that no entry answers.
LABELS = frozenset(
    {
        "request_person", "advice", "out_of_scope_near", "out_of_scope_far", "small_talk",
        "emergency", "crisis", "harmless",
    }
)  # fmt: skip
CLARIFY = "clarify"  # What a follow-up wants when nobody could know what it means.

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}[b-z]?")  # A second set of one day is b.


class BadSet(Exception):
    """A held-out file is not of one of the three forms; the text says where."""


@dataclass(frozen=True)
class Case:
    """One held-out message with what it should get.

    Attributes:
        family: what it is scored with: `answers`, `follow_ups`, `several` or its own label.
        text: what is typed.
        wanted: one set of labels for each question in it; any label of a set is right.
        place: file and line, `tests/nlu/2026-11-26/answers.yml:12`.
        category: which emergency or crisis it is, where its author says so.
        after: the entry shown just before, for a follow-up.
        label: the one its author gave it first.
    """

    family: str
    text: str
    wanted: tuple[frozenset[str], ...]
    place: str
    category: str = ""
    after: str = ""
    label: str = ""

    @property
    def labels(self) -> frozenset[str]:
        """All labels that are right for some part of it."""
        return frozenset().union(*self.wanted)

    @property
    def entries(self) -> frozenset[str]:
        """Those of its labels that are entries, `ask/…`."""
        return frozenset(label for label in self.labels if label.startswith(ASK))


@dataclass(frozen=True)
class HeldOutSet:
    """All messages of one day."""

    day: str
    cases: tuple[Case, ...]


def load_sets(folder: Path = HERE) -> list[HeldOutSet]:
    """Read every set of a folder, the newest first.

    Raises:
        BadSet: a file is not of a known form.
    """
    days = [path for path in folder.iterdir() if path.is_dir() and _DAY.fullmatch(path.name)]
    found = [HeldOutSet(day.name, tuple(_cases_of(day))) for day in sorted(days, reverse=True)]
    return [held_out for held_out in found if held_out.cases]


def _cases_of(day: Path) -> Iterator[Case]:
    for path in sorted(day.glob("*.yml")):
        try:
            yield from read_file(path)
        except (yaml.YAMLError, LookupError, TypeError, AttributeError, ValueError) as error:
            raise BadSet(f"{place_of(path)}: {error!r}") from error


def read_file(path: Path) -> list[Case]:
    """Read one file of a set.

    Raises:
        ValueError: it holds nothing of what a set holds, or an empty message.
    """
    text = path.read_text("utf-8")
    content, lines = yaml.safe_load(text), Lines(text)
    if "nlu" in content:
        cases = list(_single(content["nlu"], lines, place_of(path)))
    elif "follow_ups" in content:
        cases = list(_follow_ups(content["follow_ups"], lines, place_of(path)))
    elif "several" in content:
        cases = list(_several(content["several"], lines, place_of(path)))
    else:
        raise ValueError("has neither nlu, follow_ups nor several")
    if not all(case.text and case.wanted and all(case.wanted) for case in cases):
        raise ValueError("a case has no text or wants nothing")
    return cases


def place_of(path: Path, line: int | None = None) -> str:
    """Return a path as people write it, from the repository's root, and the line."""
    name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    return name if line is None else f"{name}:{line}"


class Lines:
    """Says in which line a value of a YAML text stands, counted from 1."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, yaml.SafeLoader)

    def of(self, *path: str | int) -> int:
        """Return the line of the value at a path; of a block, its first line of text."""
        return _line_of(self._node(*path))

    def of_items(self, *path: str | int) -> list[int]:
        """Return the line of each item of the list at a path."""
        return [_line_of(item) for item in self._node(*path).value]

    def _node(self, *path: str | int) -> Any:
        node: Any = self._root
        for step in path:
            if isinstance(step, int):
                node = node.value[step]
            else:
                node = {key.value: value for key, value in node.value}[step]
        return node


def _line_of(node: Any) -> int:
    # A block's mark is its `|`; the text begins below.
    return int(node.start_mark.line) + (2 if getattr(node, "style", None) == "|" else 1)


def examples_of(block: dict[str, Any], first_line: int) -> Iterator[tuple[int, str]]:
    """Yield line and text of each example of a block in Rasa's NLU form."""
    for number, line in enumerate(block["examples"].splitlines()):
        text = re.sub(r"^\s*-\s?", "", line).strip()
        if text:
            yield first_line + number, text


def _single(blocks: list[dict[str, Any]], lines: Lines, file: str) -> Iterator[Case]:
    for number, block in enumerate(blocks):
        label, metadata = block["intent"], block.get("metadata") or {}
        wanted = frozenset({label, *map(_label, metadata.get("also") or ())})
        family = "answers" if label.startswith(ASK) else label
        category = metadata.get("category") or ""
        for line, text in examples_of(block, lines.of("nlu", number, "examples")):
            yield Case(family, text, (wanted,), f"{file}:{line}", str(category), label=label)


def _follow_ups(items: list[dict[str, Any]], lines: Lines, file: str) -> Iterator[Case]:
    for number, item in enumerate(items):
        place = f"{file}:{lines.of('follow_ups', number, 'text')}"
        wanted = frozenset(map(_label, item["wanted"]))
        after = (item.get("after") or "").removeprefix(ASK)
        label = _label(item["wanted"][0])
        yield Case("follow_ups", item["text"].strip(), (wanted,), place, after=after, label=label)


def _several(items: list[dict[str, Any]], lines: Lines, file: str) -> Iterator[Case]:
    for number, item in enumerate(items):
        place = f"{file}:{lines.of('several', number, 'text')}"
        wanted = tuple(frozenset(map(_label, each)) for each in item["wanted"])
        yield Case("several", item["text"].strip(), wanted, place)


def _label(name: str) -> str:
    """Return the label of a name in a file: entries may stand there without their prefix."""
    return name if name in LABELS or name == CLARIFY or name.startswith(ASK) else ASK + name
