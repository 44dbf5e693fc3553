"""What the desk recorded of the turns that were measured: confidences, and what safety found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.nlu.asking import Outcome
from tests.nlu.cases import ASK
from tests.nlu.scoring import OUT_OF_SCOPE, Share

# What a held-out label means among the intents that the bot tells apart. The rest it never gives
# as a candidate, or no held-out label stands for it.
_STAND_FOR = {
    ("request_person",): {"request_person"},
    ("advice", "advice_dose", "outlook", "treatment_choice"): {"advice"},
    (
        "out_of_scope", "out_of_scope_health", "instructions", "gibberish", "other_language",
    ): set(OUT_OF_SCOPE),
    (
        "greet", "goodbye", "thanks", "okay", "bare_reply", "robot", "how_are_you",
        "who_made_you", "insult", "complaint", "good_news", "empathy", "grief",
    ): {"small_talk"},
    ("ask_open_now", "ask_wait_time"): set[str](),
    ("follow_up",): {"clarify"},
}  # fmt: skip
INTENTS = {intent: labels for intents, labels in _STAND_FOR.items() for intent in intents}
JUDGED_BY_BOT = ("answers", "request_person", "advice", *OUT_OF_SCOPE, "small_talk")
BINS = 10


@dataclass(frozen=True)
class Facts:
    """What the desk recorded of one message; see `conversations.access.turn_facts`."""

    candidates: tuple[tuple[str, float], ...] = ()
    model_version: str = ""
    safety: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bin:
    """Messages whose best label had about the same confidence.

    Attributes:
        confidence: their mean confidence, in [0, 1].
        right: how many of them had the right label.
    """

    confidence: float
    right: Share


@dataclass(frozen=True)
class Calibration:
    """How far confidences can be believed.

    Attributes:
        bins: by rising confidence; empty ones are left out.
        error: expected calibration error in [0, 1], the mean gap weighted by the messages.
    """

    bins: tuple[Bin, ...] = ()
    error: float = field(default=0.0)


def read_facts(lines: str) -> dict[str, Facts]:
    """Read what `manage.py turn_facts` printed: message id to facts."""
    found = {}
    for line in filter(None, lines.splitlines()):
        facts = json.loads(line)
        found[facts["message"]] = Facts(
            tuple((each["label"], each["confidence"]) for each in facts["candidates"]),
            facts["model_version"],
            tuple(facts["safety"]),
        )
    return found


def believed(
    outcomes: Iterable[Outcome], facts: Mapping[str, Facts], *, entries_alone: bool = False
) -> list[tuple[float, bool]]:
    """Return confidence of the best label, and whether it is right, for each message with one.

    Args:
        outcomes: what was asked; messages that the bot is not judged by are left out.
        facts: by message id.
        entries_alone: leave out messages whose best label is no entry.
    """
    pairs = []
    for outcome in outcomes:
        candidates = facts.get(outcome.message_id, Facts()).candidates
        if outcome.case.family not in JUDGED_BY_BOT or not candidates:
            continue
        label, confidence = candidates[0]
        is_entry = label.startswith(ASK)
        if is_entry or not entries_alone:
            meant = {label} if is_entry else INTENTS.get(label, set())
            pairs.append((confidence, bool(meant & outcome.case.labels)))
    return pairs


def calibration(pairs: Iterable[tuple[float, bool]]) -> Calibration:
    """Return how well confidences fit what was right, in bins of equal width.

    Source: Guo et al., On Calibration of Modern Neural Networks (2017), equation 3.
    """
    groups: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in pairs:
        groups.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    bins = tuple(
        Bin(
            sum(confidence for confidence, _ in group) / len(group),
            Share(sum(right for _, right in group), len(group)),
        )
        for _, group in sorted(groups.items())
    )
    total = sum(each.right.total for each in bins)
    gaps = (each.right.total * abs(each.right.value - each.confidence) for each in bins)
    return Calibration(bins, sum(gaps) / total if total else 0.0)


def categories_found(
    outcomes: Iterable[Outcome], facts: Mapping[str, Facts]
) -> dict[str, dict[str, int]]:
    """Return how often each category of the sets got which category of safety's.

    The text that is shown follows from the gravest category; "nothing" stands for none.
    """
    counts: dict[str, dict[str, int]] = {}
    for outcome in outcomes:
        case, known = outcome.case, facts.get(outcome.message_id)
        if case.category and known:
            found = known.safety[0] if known.safety else "nothing"
            own = counts.setdefault(f"{case.family}: {case.category}", {})
            own[found] = own.get(found, 0) + 1
    return counts
