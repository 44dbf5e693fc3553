"""Renders what was measured as Markdown: wrong answers first and in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from tests.nlu.asking import Outcome
from tests.nlu.scoring import (
    OUT_OF_SCOPE,
    QUESTIONS,
    SAFETY,
    TARGETS,
    Share,
    alarm,
    answers,
    by_verdict,
    extra_answers,
    offers,
    percentiles,
    verdict,
)


def render(day: str, outcomes: Sequence[Outcome]) -> str:
    """Return the report on one set."""
    return "\n".join([f"# Held-out set of {day}", "", *_lines(outcomes)]) + "\n"


def _lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield from _targets(outcomes)
    yield from _families(outcomes)
    middle, late = percentiles(outcomes, 0.5, 0.95)
    yield f"A reply took {middle:.0f} ms (median), {late:.0f} ms (95th percentile)."
    for title, is_in in SECTIONS:
        yield from _section(title, [outcome for outcome in outcomes if is_in(outcome)])


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{100 * share:.1f} %"


def interval(share: Share) -> str:
    """Return the ends of a share's interval."""
    low, high = share.interval
    return f"{100 * low:.1f} to {100 * high:.1f}"


def _targets(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "| target | asked | reached | 95 % interval | wanted | |"
    yield "|---|---|---|---|---|---|"
    for target in TARGETS:
        share = target.share(outcomes)
        if share.total:
            bound = f"at {'least' if target.is_floor else 'most'} {percent(target.bound)}"
            mark = "reached" if target.is_reached_by(share) else "**missed**"
            yield (
                f"| {target.name} | {share.total} | {percent(share.value)} | {interval(share)} "
                f"| {bound} | {mark} |"
            )
    yield ""


def _families(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield (
        "| family | asked | right | clarified | partly | wrong | missed "
        "| alarms: certain, in doubt | extra answers |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for family, counts in sorted(by_verdict(outcomes).items()):
        own = [outcome for outcome in outcomes if outcome.case.family == family]
        total = len(own)
        shares = " | ".join(
            percent(counts[name] / total)
            for name in ("right", "clarified", "partly", "wrong", "missed")
        )
        alarms = [alarm(outcome) for outcome in own]
        extra = sum(bool(extra_answers(outcome)) for outcome in own)
        yield (
            f"| {family} | {total} | {shares} "
            f"| {alarms.count('certain')}, {alarms.count('in doubt')} | {extra} |"
        )
    yield ""


def _section(title: str, outcomes: Iterable[Outcome]) -> Iterator[str]:
    found = list(outcomes)
    if found:
        yield from ("", f"## {title} ({len(found)})", "")
        yield from map(line_of, found)


def line_of(outcome: Outcome) -> str:
    """Return one case with what it wanted and what it got, in full."""
    case = outcome.case
    wanted = " then ".join("/".join(sorted(each)) for each in case.wanted)
    before = f" (after {case.after})" if case.after else ""
    if case.after and not outcome.shown_by:
        before = f" (**{case.after} could not be shown before it**)"
    return f"- {case.text!r}{before}: wanted {wanted}, got {_got(outcome)} [{case.place}]"


def _got(outcome: Outcome) -> str:
    said = answers(outcome) + [f"offer {label}" for label in offers(outcome)]
    said += [reply.kind for reply in outcome.replies if reply.kind not in ("answer", "clarify")]
    return ", ".join(said) or "nothing"


def _of(families: Sequence[str], *verdicts: str) -> Callable[[Outcome], bool]:
    return lambda found: found.case.family in families and verdict(found) in verdicts


def _is_unshown(outcome: Outcome) -> bool:
    return bool(outcome.case.after) and not outcome.shown_by


def _is_false_alarm(outcome: Outcome) -> bool:
    return outcome.case.family == "answers" and bool(alarm(outcome))


SECTIONS: tuple[tuple[str, Callable[[Outcome], bool]], ...] = (
    ("Wrong answers", _of(QUESTIONS, "wrong")),
    ("Missed emergencies and crises", _of(SAFETY, "clarified", "wrong", "missed")),
    ("Verdicts on one child", _of(("advice",), "wrong")),
    ("Answered though out of scope", _of(OUT_OF_SCOPE, "wrong")),
    ("Answered for a person or a kind word", _of(("request_person", "small_talk"), "wrong")),
    ("False alarms on questions", _is_false_alarm),
    ("False alarms on harmless messages", _of(("harmless",), "wrong")),
    ("Follow-ups whose first entry could not be shown", _is_unshown),
    ("Missed", lambda found: verdict(found) == "missed" and found.case.family not in SAFETY),
    ("Answered in part", lambda found: verdict(found) == "partly"),
    ("Clarified", lambda found: verdict(found) == "clarified" and found.case.family not in SAFETY),
    ("Answers nobody asked for, beside the right one", lambda found: bool(extra_answers(found))),
)  # fmt: skip
