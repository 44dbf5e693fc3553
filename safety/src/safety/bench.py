"""Measures how long a check takes; run on a quiet machine: `python -m safety.bench`."""

import argparse
import random
import statistics
import sys
import time

from safety.check import check, prepare
from safety.training import examples

GOAL_MS = 10.0  # at the median, for messages of up to ORDINARY characters
ORDINARY = 1_000
LENGTHS = (0, 200, 1_000, 4_000, 70_000)  # characters; 0 stands for one message as it is


def measure(texts: list[str]) -> list[float]:
    """Give the milliseconds that each text took, best of three."""
    taken = []
    for text in texts:
        best = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            check(text)
            best = min(best, time.perf_counter() - began)
        taken.append(best * 1000)
    return taken


def messages(length: int, count: int) -> list[str]:
    """Give messages of harmless and other sentences in a row, the same at every run."""
    chance = random.Random(length)  # noqa: S311  (nothing secret depends on it)
    pool = [text for text, _ in examples()]
    if not length:
        return chance.sample(pool, count)
    written = []
    for _ in range(count):
        text = ""
        while len(text) < length:
            text += chance.choice(pool) + ". "
        written.append(text[:length])
    return written


def main(arguments: list[str] | None = None) -> int:
    """Print a table; end with 1 when a message that is taken is too slow at the median."""
    argparse.ArgumentParser(prog="python -m safety.bench", description=__doc__).parse_args(
        arguments
    )
    began = time.perf_counter()
    prepare()
    sys.stdout.write(
        f"reading rules and weights: {(time.perf_counter() - began) * 1000:.0f} ms" + "\n"
    )
    sys.stdout.write(f"{'characters':>12} {'p50 ms':>8} {'p95 ms':>8} {'slowest':>8}\n")
    is_slow = False
    for length in LENGTHS:
        taken = sorted(measure(messages(length, 300 if length < 5_000 else 5)))
        median = statistics.median(taken)
        is_slow |= length <= ORDINARY and median > GOAL_MS
        p95 = taken[int(len(taken) * 0.95)]
        name = length or "one message"
        sys.stdout.write(f"{name:>12} {median:8.2f} {p95:8.2f} {taken[-1]:8.2f}\n")
    return int(is_slow)


if __name__ == "__main__":
    sys.exit(main())
