"""What surrounds a sign: denied, long over, somebody else's, only asked about, or real."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from safety.lexicon import Lexicon
from safety.reading import ASKED, STOP, Reading
from safety.rules import Rule, Span
from safety.verdict import Certainty, kind_of

_DENIAL_REACH = 7  # words; longer denials are rarer than run-on messages without full stops


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    frames: tuple[Span, ...]

    def left(self, kind: str, of: int) -> list[Span]:
        """Frames of a kind that begin before a word."""
        return [f for f in self.frames if f.name == kind and f.start < of]

    def has(self, kind: str) -> bool:
        return any(f.name == kind for f in self.frames)


class Context:
    """One message with its frames; judges its signs."""

    def __init__(self, reading: Reading, frames: Sequence[Span], lexicon: Lexicon) -> None:
        self._words = reading.words
        self._commas = reading.commas
        self._sets = lexicon.context
        self._light = lexicon.classes["light"]
        self._own = lexicon.classes["own"] | lexicon.classes["facebody"]
        self._self = lexicon.classes["self"] | lexicon.classes["adult"]
        self._child = lexicon.classes["kid"] | lexicon.classes["facebody"]
        ends = [-1]
        ends += [i for i, word in enumerate(self._words) if word in (STOP, ASKED)]
        ends.append(len(self._words))
        self._sentences = [
            _Sentence(a + 1, b, tuple(f for f in frames if a < f.start < b))
            for a, b in pairwise(ends)
        ]

    def judge(self, sign: Span, rule: Rule) -> Certainty | None:
        """Tell how sure it is that a sign is meant, here and now; None when it is not."""
        sentence = next(s for s in self._sentences if s.start <= sign.start <= s.end)
        if self._vetoed(sign, sentence) or self._denied(sign, sentence):
            return None
        if kind_of(rule.category) == "crisis":
            return self._judge_crisis(sign, rule, sentence)
        return self._judge_emergency(sign, rule, sentence)

    def _judge_crisis(self, sign: Span, rule: Rule, sentence: _Sentence) -> Certainty | None:
        before = self._words[sentence.start : sign.end]
        personal = any(word in self._self for word in before)
        if sentence.left("general", sign.start) and not personal:
            return None
        if sentence.has("past") and not sentence.has("present"):
            return None if sentence.has("resolved") or not personal else "doubt"
        return rule.certainty

    def _judge_emergency(self, sign: Span, rule: Rule, sentence: _Sentence) -> Certainty | None:
        if sentence.has("past") and not sentence.has("present"):
            return None
        asserted = self._asserted(sign, sentence)
        if not asserted and sentence.left("others", sign.start):
            return None
        soft = sentence.has("soft")
        if sentence.left("feared", sign.start) and not asserted and not soft:
            return None
        conditions = sentence.left("conditional", sign.start)
        if conditions and not asserted:
            own = self._child.intersection(self._words[conditions[-1].start : sign.end])
            return "doubt" if own and rule.category == "emergency_life" else None
        if asserted:
            return rule.certainty
        about_own = bool(self._child.intersection(self._between(sentence)))
        if sentence.has("definition"):
            return "doubt" if about_own and rule.is_reading else None
        if sentence.has("general"):
            return "doubt" if about_own and (soft or rule.is_reading) else None
        return "doubt" if soft else rule.certainty

    def _between(self, sentence: _Sentence) -> tuple[str, ...]:
        return self._words[sentence.start : sentence.end]

    def _vetoed(self, sign: Span, sentence: _Sentence) -> bool:
        for frame in sentence.frames:
            if frame.name != "veto":
                continue
            if frame.start and self._words[frame.start - 1] in self._sets["denying"]:
                continue  # "not breathing well"
            shared = self._words[max(frame.start, sign.start) : min(frame.end, sign.end)]
            if any(w not in self._light and w not in self._child for w in shared):
                return True
        return False

    def _denied(self, sign: Span, sentence: _Sentence) -> bool:
        subject_seen = False
        listed = "or" in self._words[sign.start : min(sign.end + 4, sentence.end)]
        first = max(sentence.start, sign.start - _DENIAL_REACH)
        for at in range(sign.start - 1, first - 1, -1):
            word = self._words[at]
            if at + 1 in self._commas and not listed:
                return False
            if word in self._sets["denying"]:
                if subject_seen:
                    return self._words[at + 1] in self._sets["opinion"]
                return not (word == "never" and "before" in self._words[sign.end : sentence.end])
            if word in self._sets["new_clause"]:
                return False
            if word in self._own:
                subject_seen = True
            elif word == "or":
                listed = True
            elif word not in self._light and word not in self._sets["between"] and not listed:
                return False
        return False

    def _asserted(self, sign: Span, sentence: _Sentence) -> bool:
        """Tell whether the sentence says of one's own child that it is so."""
        first = max(sentence.start, sign.start - 4)
        others = [f for f in sentence.frames if f.name == "others"]
        for at in range(first, sign.end - 1):
            # "I" is who says it, not who it happens to, unless the sign begins with it.
            if self._words[at] not in (self._own if at >= sign.start else self._child):
                continue
            if any(f.start <= at < f.end for f in others):
                continue
            if self._words[at + 1] not in self._sets["finite"] and self._words[at + 2 : at + 3] != (
                "be",
            ):
                continue
            earlier = self._words[max(sentence.start, at - 2) : at]
            if not any(word in self._sets["not_now"] for word in earlier):
                return True
        return False
