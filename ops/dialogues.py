"""Reads what `rasa test` reported: it is content with no dialogue at all, and we are not."""

import json
import sys
from pathlib import Path

from ops.plain import Stop, guard


def check_report(report: Path) -> int:
    """Return how many dialogues were tried, all of which went as written.

    Args:
        report: Rasa's story_report.json.

    Raises:
        Stop: there was none, or one went otherwise.
    """
    counts = json.loads(report.read_text()).get("conversation_accuracy", {})
    total, correct = counts.get("total", 0), counts.get("correct", 0)
    if total == 0:
        raise Stop("There is no dialogue in tests/conversations.")
    if correct < total:
        raise Stop(f"{total - correct} of {total} dialogues went otherwise than written.")
    return int(total)


def main() -> int:
    """Check the report that the command line names."""
    print(f"{check_report(Path(sys.argv[1]))} dialogues went as written.")
    return 0


if __name__ == "__main__":
    sys.exit(guard(main))
