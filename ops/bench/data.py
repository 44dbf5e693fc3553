"""The house's own training data and held-out messages, as every competitor gets them.

Rasa's importer lives in the bot's environment: `python -m ops.bench.data FILE` writes there what
`own_examples` reads anywhere.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ops.bench.servers import run_to_end
from ops.settings import BOT_PROGRAMS, ROOT

FOREIGN_INTENTS = frozenset(
    {"out_of_scope", "out_of_scope_health", "instructions", "gibberish", "other_language"}
)
"""Intents whose reply says that it is none of ours; `config.yml` lists them as foreign."""


@dataclass(frozen=True)
class Example:
    """A training question with its label, `ask/<id>` or another intent."""

    text: str
    label: str


def own_examples(scratch: Path) -> list[Example]:
    """Return all training examples, entries' questions included.

    Raises:
        Stop: they cannot be read.
    """
    target = scratch / "examples.json"
    run_to_end([BOT_PROGRAMS / "python", "-m", "ops.bench.data", target], scratch)
    return [Example(text, label) for text, label in json.loads(target.read_text("utf-8"))]


def main() -> int:
    """Write the examples as the importer gives them to `rasa train`."""
    from bot.importer import KnowledgeImporter

    importer = KnowledgeImporter(
        str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")]
    )
    examples = [
        (example.get("text"), example.get_full_intent())
        for example in importer.get_nlu_data().intent_examples
        if example.get("text")
    ]
    Path(sys.argv[1]).write_text(json.dumps(examples), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
