"""Measures how well the house understands the held-out messages: `make evaluate`.

A whole house is started, desk and bot, and asked over its public API, so that what is measured
is what families get. HOUSE_URL names one that runs already.
"""

from __future__ import annotations

import sys

from ops.plain import guard
from tests.nlu.asking import ask_all, house_to_measure
from tests.nlu.cases import ROOT, load_sets
from tests.nlu.report import render


def main() -> int:
    """Measure every set and write reports/understanding.md."""
    with house_to_measure() as house:
        found = {held_out.day: ask_all(house.url, held_out.cases) for held_out in load_sets()}
    text = "\n".join(render(day, outcomes) for day, outcomes in found.items())
    target = ROOT / "reports" / "understanding.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(guard(main))
