"""Every text that something here is trained on, with the place where an editor finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge import normalise_question
from tests.nlu.cases import ASK, ROOT, Lines, examples_of, place_of

NOT_TRAINED = "left_out.yml"  # The one file of safety's examples that its classifier never sees.
_CHOICE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class TrainingText:
    """One example of a label, and where it stands: `knowledge/entries/study.yml:12`.

    A title is trained on as well; unlike a question it can only be worded anew. A follow-up is
    learned for what is typed `after` an entry and those around it.
    """

    label: str
    text: str
    place: str
    is_title: bool = False
    after: str = ""


@dataclass(frozen=True)
class SafetyExample:
    """One line of safety's examples, which stands for many: `{he|she} has a fever`."""

    category: str
    text: str
    words: re.Pattern[str]
    place: str

    @property
    def has_choices(self) -> bool:
        """Whether it stands for more than one text."""
        return bool(_CHOICE.search(self.text))


def training_texts(root: Path = ROOT) -> Iterator[TrainingText]:
    """Yield what the bot is trained on: questions, titles and follow-ups of entries; `data/nlu`."""
    for path in sorted((root / "knowledge" / "entries").glob("*.yml")):
        yield from _of_entries(path)
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        yield from _of_intents(path)


def _of_entries(path: Path) -> Iterator[TrainingText]:
    text = path.read_text("utf-8")
    lines = Lines(text)
    for number, entry in enumerate(yaml.safe_load(text)["entries"]):
        label = ASK + entry["id"]
        title_line = lines.of("entries", number, "title")
        yield TrainingText(label, entry["title"], place_of(path, title_line), is_title=True)
        # One look-up for the whole list: a file holds hundreds.
        questions = lines.of_items("entries", number, "questions")
        for line, question in zip(questions, entry["questions"], strict=True):
            yield TrainingText(label, str(question), place_of(path, line))
        if "follow_ups" in entry:
            then = lines.of_items("entries", number, "follow_ups")
            for line, each in zip(then, entry["follow_ups"], strict=True):
                place, means = place_of(path, line), ASK + each["entries"][0]
                yield TrainingText(means, each["text"], place, after=entry["id"])


def _of_intents(path: Path) -> Iterator[TrainingText]:
    text = path.read_text("utf-8")
    lines = Lines(text)
    for number, block in enumerate(yaml.safe_load(text)["nlu"]):
        if "intent" in block:
            first = lines.of("nlu", number, "examples")
            for line, example in examples_of(block, first):
                yield TrainingText(block["intent"], example, place_of(path, line))


def safety_examples(root: Path = ROOT) -> Iterator[SafetyExample]:
    """Yield what safety's classifier is trained on."""
    folder = root / "safety" / "src" / "safety" / "data" / "examples"
    for path in sorted(folder.glob("*.yml")):
        if path.name == NOT_TRAINED:
            continue
        text = path.read_text("utf-8")
        content, lines = yaml.safe_load(text), Lines(text)
        for category, examples, *way in _lists_of(content):
            for line, example in zip(lines.of_items(*way), examples, strict=True):
                place = place_of(path, line)
                yield SafetyExample(category, str(example), words_of(str(example)), place)


def _lists_of(content: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield category, examples, and the way to them in the file."""
    if "category" in content:
        yield content["category"], content["examples"], "examples"
    for category, examples in content.get("examples_by_category", {}).items():
        yield category, examples, "examples_by_category", category


def words_of(example: str) -> re.Pattern[str]:
    """Return a pattern for the normalised words of everything that an example stands for."""
    pieces = []
    for number, part in enumerate(_CHOICE.split(example)):
        choices = part.split("|") if number % 2 else [part]
        written = "|".join(re.escape(normalise_question(choice)) for choice in choices)
        pieces.append(f"(?:{written})")
    return re.compile(" ?".join(pieces) + " ?")
