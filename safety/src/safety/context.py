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
        self._body = lexicon.classes["facebody"]
        self._child = lexicon.classes["kid"] | self._body
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
        if self._long_over(sign, sentence):
            return "doubt" if personal and not sentence.has("resolved") else None
        return rule.certainty

    def _judge_emergency(self, sign: Span, rule: Rule, sentence: _Sentence) -> Certainty | None:
        if self._long_over(sign, sentence):
            return None
        if self._asserted(sign, sentence):
            return rule.certainty
        if sentence.left("others", sign.start):
            return None
        if rule.is_reading:
            return self._judge_reading(sentence)
        is_soft = sentence.has("soft")
        if sentence.left("feared", sign.start) and not is_soft:
            return None
        if sentence.left("conditional", sign.start):
            return self._on_condition(sign, rule, sentence)
        return self._unless_asked(rule, sentence, is_soft)

    def _judge_reading(self, sentence: _Sentence) -> Certainty | None:
        """Hardly anybody makes up a number on a thermometer; most ask about the rule itself."""
        words = self._in(sentence)
        is_own = bool(self._child.intersection(words))
        if sentence.has("definition"):
            return "doubt" if is_own else None
        kinds = ("general", "feared", "conditional", "soft")
        if any(sentence.has(kind) for kind in kinds) or self._is_question(sentence):
            return "doubt" if is_own or self._own.intersection(words) else None
        return "certain"

    def _long_over(self, sign: Span, sentence: _Sentence) -> bool:
        """Tell whether it was long ago and nothing says that it goes on or is back."""
        if not sentence.has("past"):
            return False
        if sentence.has("resolved"):
            return True
        return not sentence.has("present") and not sentence.left("lasting", sign.start)

    def _on_condition(self, sign: Span, rule: Rule, sentence: _Sentence) -> Certainty | None:
        """Tell "what do I do if he stops breathing", which may be now, from a mere question."""
        condition = sentence.left("conditional", sign.start)[-1]
        is_own = self._child.intersection(self._words[condition.start : sign.end])
        is_general = sentence.left("general", condition.start)
        return "doubt" if is_own and rule.category == "emergency_life" and not is_general else None

    def _unless_asked(self, rule: Rule, sentence: _Sentence, is_soft: bool) -> Certainty | None:
        words = self._in(sentence)
        is_own = bool(self._child.intersection(words))
        if sentence.has("definition"):
            return None
        if sentence.has("general"):
            return "doubt" if is_soft and is_own else None
        if self._is_question(sentence) and not rule.is_call:
            if rule.is_mention and not (is_soft and is_own):
                return None
            return "doubt" if is_own else None
        if rule.is_mention and self._sets["topic"].intersection(words):
            return "doubt" if sentence.has("present") else None
        if rule.is_mention and sentence.has("resolved"):
            return None
        if rule.is_mention and self._sets["wondering"].intersection(words):
            return None
        return "doubt" if is_soft else rule.certainty

    def _in(self, sentence: _Sentence) -> tuple[str, ...]:
        return self._words[sentence.start : sentence.end]

    def _is_question(self, sentence: _Sentence) -> bool:
        first, second = (*self._words[sentence.start : sentence.start + 2], STOP, STOP)[:2]
        if second in self._sets["denying"]:
            return False  # "isn't responding", "doesn't wake"
        if first == "be":
            return second not in self._child and second not in self._sets["pointing"]
        return first in self._sets["asking"]

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
            if self._words[at] in self._body and self._is_question(sentence):
                continue  # "what makes lips turn blue"
            if self._words[at + 1] not in self._sets["finite"] and self._words[at + 2 : at + 3] != (
                "be",
            ):
                continue
            earlier = self._words[max(sentence.start, at - 2) : at]
            if not any(word in self._sets["not_now"] for word in earlier):
                return True
        return False
