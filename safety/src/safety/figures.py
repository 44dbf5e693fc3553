"""Measures the check on files of messages: `python -m safety.figures tests/data/held_out.yml`.

A file maps each category, and `none` for harmless ones, to a list of messages; `spanish` may be of
any category. Harmless ones may stand in several lists, `none_questions` and so on. Messages are
shown only on request, with `--show`.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from safety.check import check


def lines(lists: dict[str, list[str]], *, is_shown: bool) -> Iterator[str]:
    """Give one line of figures for each list, and the messages it gets wrong."""
    yield f"{'list':24} {'messages':>8} {'found':>7} {'certain':>8} {'category right':>15}"
    for category, texts in lists.items():
        verdicts = [check(str(text)) for text in texts]
        found = sum(bool(v.categories) for v in verdicts)
        certain = sum(v.certainty == "certain" for v in verdicts)
        right = sum(category in v.categories for v in verdicts)
        is_harmless = category.startswith("none")
        name = f"{category} (alarms)" if is_harmless else category
        yield f"{name:24} {len(texts):8} {found / len(texts):7.1%} {certain:8} {right:15}"
        if is_shown:
            for text, verdict in zip(texts, verdicts, strict=True):
                if bool(verdict.categories) is is_harmless:
                    yield f"    {text} [{verdict.certainty}] {' '.join(verdict.evidence)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of each file."""
    parser = argparse.ArgumentParser(prog="python -m safety.figures", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="the messages it gets wrong, too")
    asked = parser.parse_args(arguments)
    for file in asked.files:
        sys.stdout.write(f"{file}\n")
        for line in lines(yaml.safe_load(file.read_text("utf-8")), is_shown=asked.show):
            sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
