"""`python -m knowledge check`: holds the content to every rule and prints what there is."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

from knowledge.errors import KnowledgeError
from knowledge.house import load_knowledge
from knowledge.replies import load_replies
from knowledge.texts import load_responses

_OWN_FOLDER = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when every rule is kept, 1 when one is broken, 2 when a tool is missing."""
    parser = argparse.ArgumentParser(prog="python -m knowledge", description=__doc__)
    parser.add_argument("command", choices=["check"], help="check the content and print a table")
    parser.add_argument("folder", nargs="?", type=Path, default=_OWN_FOLDER)
    parser.add_argument("--domain", type=Path, help="check the responses of this file as well")
    options = parser.parse_args(arguments)
    try:
        # Only this command needs textstat, which bot and desk do not install.
        from knowledge.checks import grade, report, rules
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error.name} is not installed; run `make setup` first.\n")
        return 2
    try:
        knowledge = load_knowledge(options.folder)
        excused = grade.load_excused_words(options.folder / "plain-words.yml")
        responses = load_responses(options.domain) if options.domain else {}
        replies = load_replies(options.folder, knowledge)
    except KnowledgeError as error:
        return _refuse(error.problems)
    today = datetime.now(tz=timezone.utc).date()
    sys.stdout.write("\n".join(report.report(knowledge, excused, today)) + "\n")
    return _refuse(
        rules.broken_rules(knowledge, excused)
        + rules.hard_texts(knowledge.notices, "notices.yml", excused)
        + rules.hard_texts(responses, str(options.domain), excused)
        + rules.hard_templates(replies, excused)
    )


def _refuse(problems: list[str]) -> int:
    if problems:
        sys.stderr.write("\n" + "\n".join(problems) + f"\n{len(problems)} to change.\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
