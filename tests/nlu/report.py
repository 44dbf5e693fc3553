"""Renders what was measured as Markdown: wrong answers first and in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.nlu.asking import Outcome
from tests.nlu.facts import Calibration
from tests.nlu.history import Figures, key_of
from tests.nlu.scoring import (
    OUT_OF_SCOPE,
    QUESTIONS,
    SAFETY,
    TARGETS,
    VERDICTS,
    Share,
    alarm,
    answers,
    extra_answers,
    offers,
    verdict,
)


@dataclass(frozen=True)
class Findings:
    """All that is known of one set.

    Attributes:
        day: the set's name.
        outcomes: what was asked and what came.
        figures: of this run.
        before: of the run before; None where that had not this set.
        curves: calibration of the confidences, by what was looked at; empty without confidences.
        categories: of the sets, with what safety found.
    """

    day: str
    outcomes: Sequence[Outcome]
    figures: Figures
    before: Figures | None = None
    curves: Mapping[str, Calibration] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def render(found: Findings) -> str:
    """Return the report on one set."""
    return "\n".join([f"# Held-out set of {found.day}", "", *_lines(found)]) + "\n"


def _lines(found: Findings) -> Iterator[str]:
    yield from _targets(found)
    yield from _families(found)
    yield from _latency(found)
    yield from _confidences(found)
    for title, is_in in SECTIONS:
        yield from _section(title, [each for each in found.outcomes if is_in(each)])
    yield from _categories(found.categories)
    yield from _changes(found)


def percent(share: float) -> str:
    """Return a share as people read it."""
    return f"{100 * share:.1f} %"


def interval(share: Share) -> str:
    """Return the ends of a share's interval."""
    low, high = share.interval
    return f"{100 * low:.1f} to {100 * high:.1f}"


def _targets(found: Findings) -> Iterator[str]:
    yield "| target | asked | reached | 95 % interval | before | wanted | |"
    yield "|---|---|---|---|---|---|---|"
    for target in TARGETS:
        share = found.figures.share(target.name)
        if share:
            bound = f"at {'least' if target.is_floor else 'most'} {percent(target.bound)}"
            mark = "reached" if target.is_reached_by(share) else "**missed**"
            yield (
                f"| {target.name} | {share.total} | {percent(share.value)} | {interval(share)} "
                f"| {_before(found, target.name)} | {bound} | {mark} |"
            )
    yield from ("", "A clarification that offers a right entry counts as half.", "")


def _before(found: Findings, name: str) -> str:
    share = found.before.share(name) if found.before else None
    return percent(share.value) if share else "-"


def _families(found: Findings) -> Iterator[str]:
    yield (
        "| family | asked | right | 95 % interval | right before | clarified | partly | wrong "
        "| wrong before | missed | alarms: certain, in doubt | extra answers |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|"
    for family in sorted({outcome.case.family for outcome in found.outcomes}):
        own = [outcome for outcome in found.outcomes if outcome.case.family == family]
        share = {name: found.figures.share(f"{family}: {name}") or Share(0, 0) for name in VERDICTS}
        alarms = [alarm(outcome) for outcome in own]
        extra = sum(bool(extra_answers(outcome)) for outcome in own)
        cells = [
            family, str(len(own)), percent(share["right"].value), interval(share["right"]),
            _before(found, f"{family}: right"), percent(share["clarified"].value),
            percent(share["partly"].value), percent(share["wrong"].value),
            _before(found, f"{family}: wrong"), percent(share["missed"].value),
            f"{alarms.count('certain')}, {alarms.count('in doubt')}", str(extra),
        ]  # fmt: skip
        yield f"| {' | '.join(cells)} |"
    yield ""


def _latency(found: Findings) -> Iterator[str]:
    (middle, late), before = found.figures.milliseconds, found.before
    line = f"A reply took {middle:.0f} ms (median), {late:.0f} ms (95th percentile)"
    if before:
        line += "; before, {:.0f} and {:.0f} ms".format(*before.milliseconds)
    yield f"{line}."


def _confidences(found: Findings) -> Iterator[str]:
    if not found.curves:
        yield from ("", "Confidences could not be read, so nothing is said of calibration.")
    for name, curve in found.curves.items():
        yield from ("", f"Confidence of the best label, {name}:", "")
        yield "| mean confidence | messages | right | 95 % interval |"
        yield "|---|---|---|---|"
        for each in curve.bins:
            yield (
                f"| {each.confidence:.2f} | {each.right.total} "
                f"| {percent(each.right.value)} | {interval(each.right)} |"
            )
        yield from ("", f"Expected calibration error {curve.error:.3f}.")
    error = found.before.calibration_error if found.before else None
    if error is not None:
        yield f"Over all messages it was {error:.3f} before."


def _categories(counts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    if not counts:
        return
    yield from ("", "## Which emergency or crisis was found", "")
    for category, found in sorted(counts.items()):
        most_first = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        yield f"- {category}: " + ", ".join(f"{name} {count}" for name, count in most_first)


def _changes(found: Findings) -> Iterator[str]:
    if not found.before:
        return
    before = found.before.verdicts
    for title, was_right in (("Right before, no longer", True), ("Right now, not before", False)):
        changed = [
            each
            for each in found.outcomes
            if key_of(each) in before
            and (before[key_of(each)] == "right") is was_right
            and (verdict(each) == "right") is not was_right
        ]
        yield from _section(title, changed)


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
