"""What surrounds a sign: denied, long over, somebody else's, only asked about, or real."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from safety.lexicon import Lexicon
from safety.patterns import Span
from safety.reading import STOP, Sentence
from safety.rules import Rule
from safety.verdict import Certainty, kind_of

_DENIAL_REACH = 7  # words; longer denials are rarer than run-on messages without full stops
_SUBJECT_REACH = 4  # words before a sign in which its subject may stand
_OTHERS_REACH = 14  # words; "everyone was happy" says nothing of what a run-on message says later
_AGO_REACH = 4  # words after a sign in which "an hour ago" still says when
_OTHERWISE = ("figure", "veto")  # a veto that is none still lowers what is sure
_DATED_REACH = 20  # words after "last tuesday" in which it is still told


def is_veto(frame: Span, sentence: Sentence, lexicon: Lexicon) -> bool:
    """Tell whether a frame's words can only be harmless: no comma in them, no "not" before."""
    return (
        frame.name == "veto"
        and sentence.commas.isdisjoint(range(frame.start + 1, frame.end))
        and lexicon.context["denying"].isdisjoint(sentence.words[: frame.start])
    )


class Context:
    """One sentence with its frames; judges its signs."""

    def __init__(self, sentence: Sentence, frames: Sequence[Span], lexicon: Lexicon) -> None:
        self._sentence = sentence
        self._lexicon = lexicon
        self._words = sentence.words
        self._commas = sentence.commas
        self._frames = frames
        self._kinds = {frame.name for frame in frames}
        self._sets = lexicon.context
        self._light = lexicon.classes["light"]
        self._body = lexicon.classes["facebody"]
        self._child = lexicon.classes["kid"] | self._body
        self._own = lexicon.classes["own"] | self._body
        self._people = lexicon.classes["self"] | lexicon.classes["adult"]
        self._things = lexicon.classes["linepart"] | {"pump", "bag", "infusion"}
        self._is_own = not self._child.isdisjoint(self._words)

    def judge(self, sign: Span, rule: Rule) -> Certainty | None:
        """Tell how sure it is that a sign is meant, here and now; None when it is not."""
        begin = max(
            (
                frame.end
                for frame in self._frames
                if frame.name == "anew" and frame.start in self._commas and frame.end <= sign.start
            ),
            default=0,
        )
        if begin:
            return self._from(begin).judge(_moved(sign, begin), rule)
        certainty = self._judged(sign, rule)
        if certainty == "certain" and (self._is_figure(sign) or self._is_dated(sign, rule)):
            return "doubt"
        return certainty

    def _from(self, begin: int) -> "Context":
        """Give the rest of the sentence, in which something else is told."""
        rest = replace(
            self._sentence,
            words=self._words[begin:],
            commas=frozenset(at - begin for at in self._commas if at >= begin),
        )
        frames = [_moved(frame, begin) for frame in self._frames if frame.start >= begin]
        return Context(rest, frames, self._lexicon)

    def _is_figure(self, sign: Span) -> bool:
        """Tell whether the sign's words are often said of something else."""
        return any(self._covers(frame, sign) for frame in self._frames if frame.name in _OTHERWISE)

    def _is_dated(self, sign: Span, rule: Rule) -> bool:
        """Tell whether a day of the past stands before the sign, and it does not go on."""
        if kind_of(rule.category) == "crisis" or not self._sets["goes_on"].isdisjoint(self._words):
            return False
        return any(
            frame.name == "dated"
            and 0 < sign.start - frame.start <= _DATED_REACH
            and not any(
                other.name == "present" and frame.end <= other.start < sign.start
                for other in self._frames
            )
            for frame in self._frames
        )

    def _judged(self, sign: Span, rule: Rule) -> Certainty | None:
        if not rule.is_call and self._vetoed(sign):
            return None
        if self._denied(sign):
            # Who writes "I don't want to kill myself" has thought of it.
            return "doubt" if rule.category == "crisis_suicide" else None
        if kind_of(rule.category) == "crisis":
            return self._judge_crisis(sign, rule)
        certainty = self._judge_emergency(sign, rule)
        return "doubt" if certainty and self._ended(sign, rule) else certainty

    def _ended(self, sign: Span, rule: Rule) -> bool:
        """Tell whether the sign itself is said to be over, or to be asked about as such."""
        if rule.is_reading or rule.category == "emergency_life":
            return False
        goes_on = self._sets["goes_on"]
        for at, word in enumerate(self._words):
            if word in goes_on and self._words[max(0, at - 1)] != "never":
                return False
        return any(
            frame.name == "ended" and frame.start < sign.end and sign.start < frame.end
            for frame in self._frames
        )

    def _judge_crisis(self, sign: Span, rule: Rule) -> Certainty | None:
        is_personal = not self._people.isdisjoint(self._words[: sign.end])
        is_named = not self._sets["talked_about"].isdisjoint(self._words[sign.start : sign.end])
        if is_named and self._before("general", sign) and not is_personal:
            return None
        if self._long_over(sign):
            return "doubt" if is_personal and "resolved" not in self._kinds else None
        return rule.certainty

    def _judge_emergency(self, sign: Span, rule: Rule) -> Certainty | None:
        if rule.is_reading and "measured" in self._kinds and not self._long_over(sign):
            return self._judge_reading(rule) or "doubt"
        if self._long_over(sign) and not (rule.is_reading and self._is_apart(sign)):
            return "doubt" if self._is_said_now(sign) else None
        if self._asserted(sign):
            return rule.certainty
        certainty = self._judge_unless_told(sign, rule)
        return "doubt" if certainty and self._is_of_others(sign) else certainty

    def _is_of_others(self, sign: Span) -> bool:
        """Tell whether somebody else's story, or a leaflet, begins before the sign."""
        return any(
            frame.name == "others" and 0 < sign.start - frame.start <= _OTHERS_REACH
            for frame in self._frames
        )

    def _judge_unless_told(self, sign: Span, rule: Rule) -> Certainty | None:
        if rule.is_reading:
            return self._judge_reading(rule)
        if self._before("feared", sign) and "soft" not in self._kinds:
            return "doubt" if self._is_seen(sign) else None
        condition = self._condition(sign)
        if condition is not None:
            return self._on_condition(condition, sign, rule)
        return self._unless_asked(sign, rule)

    def _judge_reading(self, rule: Rule) -> Certainty | None:
        """Hardly anybody makes up a number on a thermometer; most ask about the rule itself."""
        if "definition" in self._kinds:
            return "doubt" if self._is_own else None
        if self._kinds & {"general", "feared", "conditional"} or self._is_question():
            is_near = "soft" in self._kinds or not self._own.isdisjoint(self._words)
            return "doubt" if is_near else None
        return rule.certainty

    def _condition(self, sign: Span) -> int | None:
        """Give where the nearest "if" or "when" stands that a sign depends on."""
        starts = [f.start for f in self._frames if f.name == "conditional" and f.start < sign.start]
        if not starts:
            return None
        between = self._words[max(starts) : sign.start]
        return max(starts) if self._sets["new_clause"].isdisjoint(between) else None

    def _on_condition(self, condition: int, sign: Span, rule: Rule) -> Certainty | None:
        """Tell "what do I do if he stops breathing", which may be now, from a mere question."""
        is_own = not self._child.isdisjoint(self._words[condition : sign.end])
        is_general = any(f.name == "general" and f.start < condition for f in self._frames)
        return "doubt" if is_own and rule.category == "emergency_life" and not is_general else None

    def _unless_asked(self, sign: Span, rule: Rule) -> Certainty | None:
        is_soft = "soft" in self._kinds
        is_now = not self._sets["at_once"].isdisjoint(self._words) or self._is_reported(sign)
        if "definition" in self._kinds:
            return "doubt" if is_now or rule.is_asked else None
        if "general" in self._kinds:
            return "doubt" if rule.is_asked or is_now or (is_soft and self._is_own) else None
        if self._is_question() and not rule.is_call:
            is_near = self._is_own and (is_soft or not rule.is_mention)
            return "doubt" if is_near or is_now else None
        if rule.is_mention and self._is_only_talk():
            return None
        return "doubt" if is_soft else rule.certainty

    def _is_seen(self, sign: Span) -> bool:
        """Tell whether what is feared is the child's own ("worried about his blue lips")."""
        at = max(0, sign.start - 1)
        return "about" in self._words[max(0, at - 2) : at] and self._words[at] in self._child

    def _is_reported(self, sign: Span) -> bool:
        """Tell whether something has happened ("who do I call, the pump has stopped")."""
        return "ago" in self._words[sign.end : sign.end + _AGO_REACH] or any(
            word in self._things and after == "have"
            for word, after in pairwise(self._words[sign.start : sign.end])
        )

    def _is_only_talk(self) -> bool:
        """Tell whether a word seems to be talked about rather than seen."""
        if not self._sets["topic"].isdisjoint(self._words):
            return "present" not in self._kinds
        return "resolved" in self._kinds or not self._sets["wondering"].isdisjoint(self._words)

    def _before(self, kind: str, sign: Span) -> bool:
        return kind in self._kinds and any(
            frame.name == kind and frame.start < sign.start for frame in self._frames
        )

    def _long_over(self, sign: Span) -> bool:
        """Tell whether it was long ago and nothing says that it goes on or is back."""
        if "past" not in self._kinds:
            return False
        if not self._sets["begun"].isdisjoint(self._words[max(0, sign.start - 2) : sign.start]):
            return False  # "she was fine, now limp"
        if "resolved" in self._kinds:
            return True
        return "present" not in self._kinds and not self._before("lasting", sign)

    def _is_apart(self, sign: Span) -> bool:
        """Tell whether what is long over stands behind a comma after the sign."""
        return all(
            frame.start >= sign.end
            and any(sign.end <= comma <= frame.start for comma in self._commas)
            for frame in self._frames
            if frame.name == "past"
        )

    def _is_question(self) -> bool:
        first, second = (*self._words[:2], STOP, STOP)[:2]
        if second in self._sets["denying"]:
            return False  # "isn't responding", "doesn't wake"
        if first == "be":
            return second not in self._child and second not in self._sets["pointing"]
        return first in self._sets["asking"]

    def _vetoed(self, sign: Span) -> bool:
        """Tell whether words that can only be harmless make up a part of the sign."""
        return any(
            is_veto(frame, self._sentence, self._lexicon) and self._covers(frame, sign)
            for frame in self._frames
        )

    def _covers(self, frame: Span, sign: Span) -> bool:
        """Tell whether a frame holds a word of the sign that means something in it."""
        if frame.start and self._words[frame.start - 1] in self._sets["denying"]:
            return False  # "not breathing well"
        shared = self._words[max(frame.start, sign.start) : min(frame.end, sign.end)]
        return any(word not in self._light and word not in self._child for word in shared)

    def _denied(self, sign: Span) -> bool:
        is_listed = "or" in self._words[sign.start : sign.end + 4]
        is_subject_seen = False
        for at in range(sign.start - 1, max(0, sign.start - _DENIAL_REACH) - 1, -1):
            word = self._words[at]
            if at + 1 in self._commas and not is_listed:
                return False
            if word in self._sets["denying"]:
                if is_subject_seen:
                    return self._words[at + 1] in self._sets["opinion"]
                return not (word == "never" and "before" in self._words[sign.end :])
            if word in self._sets["new_clause"]:
                return False
            if word in self._own:
                is_subject_seen = True
            elif word == "or":
                is_listed = True
            elif word not in self._light and word not in self._sets["between"] and not is_listed:
                return False
        return False

    def _asserted(self, sign: Span) -> bool:
        """Tell whether the sentence says of one's own child that it is so."""
        return any(
            self._is_subject(at, sign) and self._is_said_to_be_so(at)
            for at in range(max(0, sign.start - _SUBJECT_REACH), sign.end - 1)
        )

    def _is_said_now(self, sign: Span) -> bool:
        """Tell whether a sign is told as it is now ("his lips are"), not as it has been."""
        return any(
            self._is_subject(at, sign)
            and self._words[at + 1] == "be"
            and self._words[at + 2] not in ("have", "be", "was")
            for at in range(max(0, sign.start - _SUBJECT_REACH), sign.end - 2)
        )

    def _is_subject(self, at: int, sign: Span) -> bool:
        word = self._words[at]
        # "I" is who says it, not who it happens to, unless the sign begins with it.
        if word not in (self._own if at >= sign.start else self._child):
            return False
        if any(f.name == "others" and f.start <= at < f.end for f in self._frames):
            return False
        if self._words[at + 1] == "be":
            return True  # "what does it mean his lips are blue"
        return word not in self._body or not self._is_question()  # "what makes lips turn blue"

    def _is_said_to_be_so(self, at: int) -> bool:
        after = self._words[at + 1 : at + 3]
        if after[0] not in self._sets["finite"] and after[1:] != ("be",):
            return False
        return self._sets["not_now"].isdisjoint(self._words[max(0, at - 2) : at])


def _moved(span: Span, begin: int) -> Span:
    return replace(span, start=span.start - begin, end=span.end - begin)
