"""The house's project in another folder, and its training data, as every competitor gets it.

Rasa's importer lives in the bot's environment: `python -m ops.bench.data FOLDER FILE` writes there
what `own_examples` reads anywhere.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ops.bench.servers import run_to_end
from ops.settings import BOT_PROGRAMS, ROOT

FOREIGN_INTENTS = frozenset(
    {"out_of_scope", "out_of_scope_health", "instructions", "gibberish", "other_language"}
)
"""Intents whose reply says that it is none of ours; `config.yml` lists them as foreign."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Example:
    """A training question with its label, `ask/<id>` or another intent."""

    text: str
    label: str


def copy_project(folder: Path) -> None:
    """Copy everything that the house's bot is trained from and served with.

    Args:
        folder: an empty one.
    """
    for name in ("config.yml", "domain.yml", "credentials.yml", "endpoints.yml"):
        shutil.copy(ROOT / name, folder)
    for name in ("data", "knowledge"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("src"))


def thin_out(folder: Path, most: int) -> None:
    """Leave so many questions of each entry and examples of each intent in a project's copy.

    Args:
        folder: of the copy.
        most: the knowledge rules want 8 questions of an entry.
    """
    topics = entries_by_topic(folder)
    for entries in topics.values():
        for entry in entries:
            entry["questions"] = spread(entry["questions"], most)
    write_entries(folder, topics)
    by_label: dict[str, list[str]] = {}
    for file in sorted((folder / "data" / "nlu").glob("*.yml")):
        for block in yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)["nlu"]:
            by_label.setdefault(block["intent"], []).extend(block["examples"].splitlines())
        file.unlink()
    blocks = nlu_blocks(
        Example(line.removeprefix("- "), label)
        for label, lines in by_label.items()
        for line in spread(lines, most)
    )
    (folder / "data" / "nlu" / "nlu.yml").write_text(rasa_file(nlu=blocks), "utf-8")


def spread(items: Sequence[_T], most: int) -> list[_T]:
    """Return so many items at most, evenly spread over all; they stay in their order."""
    count = min(most, len(items))
    return [items[at * len(items) // count] for at in range(count)]


def entries_by_topic(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the entries of a project as they stand in its files."""
    files = sorted((folder / "knowledge" / "entries").glob("*.yml"))
    contents = [yaml.load(file.read_text("utf-8"), yaml.CSafeLoader) for file in files]
    return {content["topic"]: content["entries"] for content in contents}


def write_entries(folder: Path, topics: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Put entries by topic in the place of those that a project's copy has."""
    shutil.rmtree(folder / "knowledge" / "entries")
    (folder / "knowledge" / "entries").mkdir()
    for topic, entries in topics.items():
        # JSON is YAML as well, and PyYAML takes minutes to write so much.
        content = {"topic": topic, "entries": entries}
        text = json.dumps(content, ensure_ascii=False, indent=0, default=str)
        (folder / "knowledge" / "entries" / f"{topic}.yml").write_text(text, "utf-8")


def nlu_blocks(examples: Iterable[Example]) -> list[dict[str, str]]:
    """Return examples as Rasa's NLU files have them, a block for each label."""
    by_label: dict[str, list[str]] = {}
    for example in examples:
        by_label.setdefault(example.label, []).append(" ".join(example.text.split()))
    return [
        {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)}
        for label, texts in by_label.items()
    ]


def rasa_file(**content: object) -> str:
    """Return a Rasa file; Rasa looks for lines that begin with a key, values may be JSON."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in content.items()]
    return "\n".join(['version: "3.1"', *lines]) + "\n"


def own_examples(folder: Path, scratch: Path) -> list[Example]:
    """Return all training examples of a project, entries' questions included.

    They stay in `scratch` as `examples.json`.

    Raises:
        Stop: they cannot be read.
    """
    target = scratch / "examples.json"
    run_to_end([BOT_PROGRAMS / "python", "-m", "ops.bench.data", folder, target], scratch)
    return [Example(text, label) for text, label in json.loads(target.read_text("utf-8"))]


def main() -> int:
    """Write the examples as the importer gives them to `rasa train`."""
    from bot.importer import KnowledgeImporter

    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    importer = KnowledgeImporter(
        str(folder / "config.yml"), str(folder / "domain.yml"), [str(folder / "data")]
    )
    examples = [
        (example.get("text"), example.get_full_intent())
        for example in importer.get_nlu_data().intent_examples
        if example.get("text")
    ]
    target.write_text(json.dumps(examples), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
