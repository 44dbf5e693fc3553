"""The rules of deciding, as pure functions: readings and confidences in, one outcome out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.components.context import ContextModel, InContext
from bot.components.labels import Labels, best_first
from bot.components.readings import Beside, Reading, Role, beside_last
from bot.names import (
    CLARIFY,
    CLARIFY_REST,
    COURTESIES,
    FALLBACK,
    FALLBACK_AGAIN,
    FOLLOW_UP,
    FOREIGN,
    JUDGEMENTS,
    OKAY,
    REQUEST_PERSON,
    THANKS,
    entry_id,
)
from bot.plain_replies import is_no, is_yes
from bot.turn import Metadata
from encoder.arrays import Matrix, Numbers

MOST_ANSWERS = 3
MOST_CANDIDATES = 5

URGENT_WISHES = (REQUEST_PERSON, "grief")
"""Intents that decide the whole message wherever they stand in it."""

ABOUT_US = frozenset({"robot", "who_made_you", "ask_open_now", "ask_wait_time"})
"""Intents that ask something with a short reply of its own; an answer may stand beside it."""

FALLBACKS = frozenset({FALLBACK, FOLLOW_UP, "gibberish", "out_of_scope", "instructions"})
"""Outcomes after which a second one in a row offers a person instead."""

_WORD_FOR_WORD = 0.985  # So sure is only an entry's own question, which may well hold an "and".
_STORY_WORDS = 50  # From here on what is asked says more than the message as a whole.
_PLAIN = 0.9  # From here on a part of a message is a wish of its own.
_NAMING_WORDS = 8  # "powder formula or ready made" wants to know; a longer sentence tells.
_BEYOND_DOUBT = 0.95  # So clear, a story's one question decides, and an entry is no judgement.
_OWN_TOPIC = 0.8  # From here on a part may stand without the one before it.
_BOTH_NAMED = 0.98  # So plain, things named side by side are each asked for.
_BOTH_ASKED, _EACH_ASKED = 0.8, 0.25  # So much the whole holds of two entries together, and each.
_CLEAR = 0.8  # Above it a message means this one thing, whether a wish stands beside it or not.
_HARDLY = 0.02  # A wish that a whole message holds so little of was misread in a part of it.
_GENERAL = 0.02  # An entry so likely is offered beside a refusal: what is known in general.
_WORTH_OFFERING = 0.1  # Least share of what a text without a topic may mean.

Kind = Literal["answer", "intent", "clarify", "none"]


@dataclass(frozen=True)
class Thresholds:
    """Where the zones begin, all on calibrated confidence; `config.yml` says why."""

    answer: float
    person: float
    intent: float
    judgement: float
    foreign: float
    clarify: float
    clarify_each: float


@dataclass(frozen=True)
class Verdict:
    """What one reading comes to.

    Attributes:
        kind: answer and intent have a `label`, clarify has `choices`, none has neither.
        label: an `ask/…` label or an intent.
        choices: two or three `ask/…` labels.
        confidence: of the label, or of the choices together.
        row: the reading's row in the confidences.
    """

    kind: Kind
    label: str = ""
    choices: tuple[str, ...] = ()
    confidence: float = 0.0
    row: int = 0


@dataclass(frozen=True)
class Outcome:
    """What the bot does in this turn.

    Attributes:
        intent: `ask/…` or an intent that has a rule.
        choices: labels to choose from, on a clarification or beside a refused judgement.
        before: ids of entries answered before it.
        after: ids of entries answered after it.
        has_more: whether more was asked than can be answered at once.
        candidates: labels with confidence, best first.
        row: the reading that decided.
    """

    intent: str
    choices: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    has_more: bool = False
    candidates: tuple[tuple[str, float], ...] = ()
    row: int = 0


def decide(
    readings: Sequence[Reading],
    labels: Sequence[str],
    confidences: Matrix,
    evidence: Matrix,
    vectors: Matrix,
    metadata: Metadata,
    context: ContextModel,
    thresholds: Thresholds,
) -> Outcome:
    """Return what to do with a message.

    Args:
        readings: the whole message first, at least one.
        labels: all labels.
        confidences: shape [n_readings, n_labels], each in [0, 1].
        evidence: what they rest on, shape [n_readings, n_labels, len(EVIDENCE)].
        vectors: embeddings of the readings, unit rows, shape [n_readings, n_dims].
        metadata: what the desk knows.
        context: says what a text means after the last entry.
        thresholds: where the zones begin.

    Returns:
        Always an outcome; with nothing to go on, a fallback.
    """
    judge = _Judge(readings, labels, confidences, evidence, vectors, metadata, context, thresholds)
    if metadata.choice in judge.entries:
        sure = ((metadata.choice, 1.0),)
        return Outcome(intent=metadata.choice, candidates=sure)
    outcome = judge.outcome()
    return _after_fallback(outcome, readings[0].text) if metadata.fallbacks_in_a_row else outcome


def _after_fallback(outcome: Outcome, text: str) -> Outcome:
    """Return what to do right after a fallback, each of which has offered a person."""
    if is_yes(text):
        intent = REQUEST_PERSON
    elif is_no(text):
        intent = OKAY
    elif outcome.intent in FALLBACKS and not outcome.choices:
        intent = FALLBACK_AGAIN
    else:
        return outcome
    return Outcome(intent, candidates=outcome.candidates, row=outcome.row)


class _Judge:
    """One message on its way to an outcome."""

    def __init__(
        self,
        readings: Sequence[Reading],
        labels: Sequence[str],
        confidences: Matrix,
        evidence: Matrix,
        vectors: Matrix,
        metadata: Metadata,
        context: ContextModel,
        thresholds: Thresholds,
    ) -> None:
        self._readings = readings
        self._labels = Labels.of(labels)
        self._confidences = confidences.copy()
        self._evidence = evidence
        self._vectors = vectors
        self._metadata = metadata
        self._at = thresholds
        self.entries = self._labels.entries
        self._context = context

    def outcome(self) -> Outcome:
        whole = self._verdict_of_part(-1)
        parts = self._verdicts_of_parts()
        for verdict in (whole, *(part for part in parts if part.confidence >= _PLAIN)):
            if verdict.label in URGENT_WISHES and not self._is_misread(verdict, whole):
                return self._outcome(verdict)
        # Beside a judgement that is refused, an answer nobody asked for reads as one.
        is_refused = any(verdict.label in JUDGEMENTS for verdict in (whole, *parts))
        asked = [
            verdict
            for number, verdict in zip(self._parts(), parts, strict=True)
            if self._reading_of(number).is_question
            or (not is_refused and self._names(number, verdict))
        ]
        return (
            self._several(whole, asked, parts)
            or self._all_named(whole)
            or self._both_asked(whole, asked, parts)
            or self._one(whole, asked, parts)
        )

    def _all_named(self, whole: Verdict) -> Outcome | None:
        """Return the answers to all that a message names, where it asks for each of them.

        "Wipes and gloves info" holds two entries and names both: there is nothing to choose.
        """
        rows = [row for row, reading in enumerate(self._readings) if reading.role == "named"]
        is_known = whole.kind == "answer" and whole.confidence >= _WORD_FOR_WORD
        if whole.kind not in ("answer", "clarify") or whole.label == FOLLOW_UP or is_known:
            return None
        verdicts = [self._verdict(self._confidences[row], row) for row in rows]
        answers = _distinct(verdicts)
        if len(answers) < 2 or any(verdict.kind != "answer" for verdict in verdicts):
            return None
        is_open = whole.kind == "clarify" or whole.confidence < _PLAIN
        is_held = is_open and all(
            self._confidence(whole.row, verdict.label) >= self._at.clarify_each
            for verdict in verdicts
        )
        is_plain = whole.label in {verdict.label for verdict in answers} and all(
            verdict.confidence >= _BOTH_NAMED for verdict in verdicts
        )
        if is_held or is_plain:
            return self._outcome(answers[0], after=answers[1:MOST_ANSWERS])
        return None

    def _both_asked(
        self, whole: Verdict, asked: Sequence[Verdict], parts: Sequence[Verdict]
    ) -> Outcome | None:
        """Return both entries that would be offered, where two questions ask for one each.

        A question may be unclear alone, "what are the signs", and plain in the whole message.
        Beside a judgement, a feeling or any other wish nothing is answered on a guess.
        """
        if whole.label != CLARIFY or len(whole.choices) != 2 or len(asked) != 2:
            return None
        if any(verdict.kind == "intent" for verdict in parts):
            return None
        if any(v.kind == "answer" and v.label not in whole.choices for v in asked):
            return None
        chances = [self._confidence(whole.row, label) for label in whole.choices]
        if min(chances) < _EACH_ASKED or sum(chances) < _BOTH_ASKED:
            return None
        found = [self._likelier(verdict.row, whole.choices) for verdict in asked]
        if set(found) != set(whole.choices):
            return None
        one, other = (
            Verdict("answer", label, (), self._confidence(whole.row, label), whole.row)
            for label in found
        )
        return self._outcome(one, after=[other])

    def _likelier(self, row: int, labels: Sequence[str]) -> str:
        """Return which of some labels a reading asks for; "" where it hardly holds any."""
        best = max(labels, key=lambda label: self._confidence(row, label))
        return best if self._confidence(row, best) >= self._at.clarify_each else ""

    def _is_misread(self, wish: Verdict, whole: Verdict) -> bool:
        """Say whether a part's wish is none, since the whole plainly means something else."""
        is_plain = _is_said(whole) and whole.confidence >= _PLAIN
        return is_plain and self._chance(self._confidences[whole.row], wish.label) < _HARDLY

    def _names(self, part: int, verdict: Verdict) -> bool:
        """Say whether a part names what it wants without asking: "and the side effects"."""
        is_short = len(self._reading_of(part).text.split()) <= _NAMING_WORDS
        return is_short and verdict.kind == "answer" and verdict.confidence >= _BEYOND_DOUBT

    def _verdicts_of_parts(self) -> list[Verdict]:
        """Return a verdict for each part, in order; each may refer to the one before it."""
        found: list[Verdict] = []
        before = ""
        for number in self._parts():
            found.append(self._verdict_of_part(number, before))
            if found[-1].kind == "answer":
                before = entry_id(found[-1].label) or ""
        return found

    def _several(
        self, whole: Verdict, asked: Sequence[Verdict], parts: Sequence[Verdict]
    ) -> Outcome | None:
        """Return an outcome of several messages, or None when there is one thing to say."""
        if whole.kind == "answer" and whole.confidence >= _WORD_FOR_WORD:
            return None
        is_asked = any(verdict.label == whole.label for verdict in asked)
        if _is_said(whole) and whole.confidence >= _PLAIN and not is_asked:
            return None  # Its parts are pieces of one question.
        answers = _distinct(verdict for verdict in asked if verdict.kind == "answer")
        judgement = next((v for v in asked if v.label in JUDGEMENTS), None)
        if judgement and whole.label in JUDGEMENTS and whole.confidence >= _PLAIN:
            return None  # A piece of one judgement, answered beside it, reads as the verdict.
        if judgement and answers:
            at = asked.index(judgement)
            before = [v for v in answers if asked.index(v) < at][: MOST_ANSWERS - 1]
            after = [v for v in answers if asked.index(v) > at]
            after = after[: MOST_ANSWERS - 1 - len(before)]
            return self._outcome(judgement, before, after, asked=answers)
        feeling = next((v for v in parts if v.label == "empathy"), None)
        if feeling and answers:
            return self._outcome(feeling, after=answers[:MOST_ANSWERS], asked=answers)
        spoken = next((v for v in asked if v.label in ABOUT_US), None)
        if spoken and answers:
            at = asked.index(spoken)
            earlier = [v for v in answers if asked.index(v) < at][: MOST_ANSWERS - 1]
            later = [v for v in answers if v not in earlier]
            later = later[: MOST_ANSWERS - 1 - len(earlier)]
            return self._outcome(spoken, earlier, later, asked=answers)
        unclear = self._unclear_beside(answers, asked)
        if unclear:
            return self._outcome(unclear, answers[: MOST_ANSWERS - 1], asked=answers)
        if len(answers) > 1:
            return self._outcome(answers[0], after=answers[1:MOST_ANSWERS], asked=answers)
        return None

    def _unclear_beside(
        self, answers: Sequence[Verdict], asked: Sequence[Verdict]
    ) -> Verdict | None:
        """Return the choices for a question that is unclear beside others that get an answer.

        In a story they would be for one of its sentences, which seldom asks anything new.
        """
        said = {verdict.label for verdict in answers}
        unclear = [
            verdict
            for verdict in asked
            if verdict.kind == "clarify"
            and verdict.confidence >= _PLAIN
            and not said & {*verdict.choices}
        ]
        is_story = len(self._readings[0].text.split()) >= _STORY_WORDS
        if not 0 < len(answers) < MOST_ANSWERS or not unclear or is_story:
            return None
        return replace(max(unclear, key=lambda verdict: verdict.confidence), label=CLARIFY_REST)

    def _one(self, whole: Verdict, asked: Sequence[Verdict], parts: Sequence[Verdict]) -> Outcome:
        """Return the outcome of a message that says one thing."""
        is_story = len(self._readings[0].text.split()) >= _STORY_WORDS
        if is_story and [v.kind for v in asked if v.confidence >= _BEYOND_DOUBT] == ["answer"]:
            return self._outcome(max(asked, key=lambda v: v.confidence))
        if whole.kind == "none" and parts:
            for some in (asked, parts):
                telling = [v for v in some if v.kind != "none" and v.label not in COURTESIES]
                if telling:
                    return self._outcome(max(telling, key=lambda v: v.confidence))
            polite = [v for v in parts if v.kind == "intent"]
            return self._outcome(max(polite or [whole], key=lambda v: v.confidence))
        if whole.label in (THANKS, OKAY):
            # "Thanks, and is that a known thing?" asks something; thanks are no answer to it.
            heard = {CLARIFY, FOLLOW_UP, *ABOUT_US}
            open_ = [v for v in asked if v.kind == "answer" or v.label in heard]
            if open_:
                return self._outcome(max(open_, key=lambda v: v.confidence))
        return self._outcome(whole)

    def _parts(self) -> list[int]:
        return sorted({reading.part for reading in self._readings if reading.part >= 0})

    def _reading_of(self, part: int) -> Reading:
        return self._readings[self._row(part, "whole", "part")]

    def _row(self, part: int, *roles: Role) -> int:
        """Return the row of a part's reading in one of some roles; -1 without."""
        for row, reading in enumerate(self._readings):
            if reading.part == part and reading.role in roles:
                return row
        return -1

    def _verdict_of_part(self, part: int, before: str = "") -> Verdict:
        """Return the verdict on a part; `before` is the id of the entry that the one before got."""
        row = self._row(part, "whole", "part")
        own = self._verdict(self._confidences[row], row)
        joined, joined_subject = self._row(part, "joined"), self._row(part, "joined_subject")
        if before and min(joined, joined_subject) >= 0:
            return self._behind_part(own, before, Beside(joined, joined_subject))
        beside = beside_last(self._readings, part)
        if self._metadata.last_entry and beside:
            alone = self._confidences[row].copy()
            found = self._in_context(row, self._metadata.last_entry, beside)
            if joined < 0 or found.kind == "answer":
                return found
            self._confidences[row] = alone
        if joined >= 0:
            behind = self._verdict(self._confidences[joined], joined)
            return own if self._readings[row].has_topic else behind
        if own.label != FOLLOW_UP:
            return own
        if self._metadata.last_entry and part < 0:
            return Verdict("none", FALLBACK, (), 0.0, row)  # Its parts say what it refers to.
        return self._without_past(row)

    def _behind_part(self, own: Verdict, before: str, beside: Beside) -> Verdict:
        """Return the verdict on a part that may refer to the entry of the one before.

        It does not where it plainly asks for something by itself, and behind the one before for
        nothing new: "can our cat stay and can the neighbours pop in".
        """
        alone = self._confidences[own.row].copy()
        found = self._in_context(own.row, before, beside)
        is_plain = own.kind == "answer" and own.confidence >= _OWN_TOPIC
        is_new = found.kind == "answer" and entry_id(found.label) != before
        if is_plain and self._readings[own.row].has_topic and not is_new:
            self._confidences[own.row] = alone
            return own
        return found

    def _in_context(self, row: int, last: str, beside: Beside) -> Verdict:
        """Return the verdict on a text that may refer to an entry."""
        chances = self._confidences
        text = InContext.of(
            self._readings, row, beside, last, chances, self._evidence, self._vectors
        )
        judged = self._together(JUDGEMENTS, chances[row], row).confidence
        chances[row] = self._context.chances(text)
        if not text.reading.has_topic and judged < self._at.judgement:
            # "Why not?" asks for no judgement by itself, and nothing before it makes it one.
            chances[row, self._labels.columns(JUDGEMENTS)] = 0
        verdict = self._verdict(chances[row], row)
        if verdict.kind == "none" and not text.reading.has_topic:
            return self._nearest(chances[row], row)
        return verdict

    def _nearest(self, confidences: Matrix, row: int) -> Verdict:
        """Return the two or three likeliest entries to choose from, however unlikely."""
        order = best_first(confidences)
        best = [self._labels[at] for at in order[self._labels.is_entry[order]][:3]]
        return Verdict("clarify", FOLLOW_UP, tuple(best), 0.0, row)

    def _without_past(self, row: int) -> Verdict:
        """Return two or three entries that a text without a topic may mean, if there are any."""
        confidences = self._confidences[row]
        room = 1 - self._confidence(row, FOLLOW_UP) + 1e-6
        best = [self._labels[at] for at in best_first(confidences)[:6]]
        choices = [
            label
            for label in best
            if label in self.entries and self._confidence(row, label) / room >= _WORTH_OFFERING
        ][:3]
        if len(choices) < 2:
            return Verdict("intent", FOLLOW_UP, (), self._confidence(row, FOLLOW_UP), row)
        return Verdict("clarify", FOLLOW_UP, tuple(choices), 0.0, row)

    def _confidence(self, row: int, label: str) -> float:
        return self._chance(self._confidences[row], label)

    def _chance(self, confidences: Matrix, label: str) -> float:
        return sum(float(confidences[at]) for at in self._labels.columns([label]))

    def _verdict(self, confidences: Matrix, row: int) -> Verdict:
        order = best_first(confidences)
        label, confidence = self._labels[order[0]], float(confidences[order[0]])
        wish = self._chance(confidences, REQUEST_PERSON)
        if wish >= self._at.person and confidence < _CLEAR:
            return Verdict("intent", REQUEST_PERSON, (), wish, row)
        if entry_id(label) is None and confidence >= self._at.intent:
            return Verdict("intent", label, (), confidence, row)
        judgement = self._together(JUDGEMENTS, confidences, row)
        if judgement.confidence >= self._at.judgement and confidence < _BEYOND_DOUBT:
            return judgement
        if entry_id(label) and confidence >= self._at.answer:
            return Verdict("answer", label, (), confidence, row)
        foreign = self._together(FOREIGN, confidences, row)
        if foreign.confidence >= self._at.foreign:
            # None of ours, and not plainly one kind of it: the honest fallback says so.
            is_vague = confidence < self._at.intent
            return replace(foreign, label=FALLBACK) if is_vague else foreign
        return self._unclear(order, confidences, row)

    def _together(self, group: frozenset[str], confidences: Matrix, row: int) -> Verdict:
        """Return the likeliest intent of a group with the chance of the whole group."""
        places = sorted(self._labels.columns(group))
        own = [(float(confidences[at]), self._labels[at]) for at in places]
        _, best = max(own, default=(0.0, ""))
        return Verdict("intent", best, (), sum(chance for chance, _ in own), row)

    def _unclear(self, order: Numbers, confidences: Matrix, row: int) -> Verdict:
        """Return a clarification between two or three entries, or nothing.

        What counts is how likely it is that any entry is meant: to offer the best two costs a
        family less than to be sent away from an answer that is there.
        """
        entries = order[self._labels.is_entry[order]]
        together = min(float(confidences[entries].sum()), 1.0)
        likely = [at for at in entries[:3] if confidences[at] >= self._at.clarify_each]
        chosen = likely if len(likely) > 1 else entries[:2]
        if len(chosen) > 1 and together >= self._at.clarify:
            choices = tuple(self._labels[at] for at in chosen)
            return Verdict("clarify", CLARIFY, choices, together, row)
        return Verdict("none", FALLBACK, (), 0.0, row)

    def _outcome(
        self,
        verdict: Verdict,
        before: Sequence[Verdict] = (),
        after: Sequence[Verdict] = (),
        *,
        asked: Sequence[Verdict] = (),
    ) -> Outcome:
        said = {each.label for each in (*before, *after)}
        return Outcome(
            intent=verdict.label,
            choices=verdict.choices or self._in_general(verdict, said),
            before=_ids(before),
            after=_ids(after),
            has_more=any(each.label not in said | {verdict.label} for each in asked),
            candidates=self._candidates(verdict),
            row=verdict.row,
        )

    def _in_general(self, verdict: Verdict, said: Collection[str]) -> tuple[str, ...]:
        """Return the two entries at most that say in general what a refused judgement is about.

        Those that are answered beside it are left out.
        """
        if verdict.label not in JUDGEMENTS:
            return ()
        confidences = self._confidences[verdict.row]
        order = best_first(confidences)
        likely = (
            self._labels[at]
            for at in order[self._labels.is_entry[order]][: 2 + len(said)]
            if confidences[at] >= _GENERAL
        )
        return tuple(label for label in likely if label not in said)[:2]

    def _candidates(self, verdict: Verdict) -> tuple[tuple[str, float], ...]:
        confidences = self._confidences[verdict.row]
        order = best_first(confidences)[:MOST_CANDIDATES]
        return tuple((self._labels[at], float(confidences[at])) for at in order)


def _is_said(verdict: Verdict) -> bool:
    """Say whether a verdict is an answer or refuses one."""
    return verdict.kind == "answer" or verdict.label in JUDGEMENTS


def _distinct(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts in order, the first one of each label."""
    found: dict[str, Verdict] = {}
    for verdict in verdicts:
        found.setdefault(verdict.label, verdict)
    return list(found.values())


def _ids(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    return tuple(found for verdict in verdicts if (found := entry_id(verdict.label)))
