"""The check of one message."""

import logging
import traceback
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from safety.classifier import LABELS, classifier
from safety.context import Context, is_veto
from safety.meaning import confidences, has_words, odds_of_danger, prepare_meaning, windows
from safety.patterns import Span
from safety.reading import ASKED, Reading, Sentence, read
from safety.rules import rules
from safety.verdict import CATEGORIES, NOTHING, Certainty, Language, Verdict, kind_of

_log = logging.getLogger(__name__)

# What letters alone must reach to raise doubt, where no sentence encoder is at hand. Chosen so
# that they add at most one false alarm in a hundred on the harmless messages of development.yml.
ENOUGH = 0.72
# A few words are little to go by ("no not that").
SHORT_WORDS, ENOUGH_WHEN_SHORT = 3, 0.85
# A story has many sentences, and each is a chance to be wrong.
LONG_SENTENCES, ENOUGH_WHEN_LONG = 4, 0.85
# Where the rules saw a sign and explained it away ("no fever"), letters do not bring it back; where
# the sentence only looks like a question or a tale, they must be very sure.
ENOUGH_WHEN_FRAMED = 0.95
# With the encoders: log-odds of danger by letters and by vectors, added, and what they must reach.
# A logistic regression on the validation messages gives letters and vectors the same weight, and
# the other numbers; limits were chosen on the same messages, for each label so that none of them
# fell below it, and moved together, by the curve on nine sets that had been read, when the network
# and when the second encoder came. What must be reached in the end is harder to reach in short and
# long messages.
ENOUGH_ODDS = {
    "emergency_life": -4.6,
    "emergency_infection": -4.6,
    "emergency_device": -5.0,
    "emergency_swallowed": -5.0,
    "crisis_suicide": -4.2,
    "crisis_violence": -3.8,
    "crisis_harm_to_child": -4.2,
}
MORE_WHEN_SHORT, MORE_WHEN_LONG = 6.0, 4.7
# Rules know nearly all dangers that are told in seven words.
BRIEF_WORDS, MORE_WHEN_BRIEF = 7, 2.7
# Windows that see no danger speak against the one that sees most.
OTHER_WINDOWS = 0.5
# Where every sentence has an explained sign, letters say little; in a few words ("he has no fever",
# "is 100.4 a fever") nothing else is said, and vectors hardly see a "no" or a question.
EXPLAINED, EXPLAINED_SHARE = -2.0, 0.25
FEW_WORDS, EXPLAINED_WHEN_SHORT, ENOUGH_ODDS_WHEN_FRAMED = 12, -7.0, 2.0
LEAST_ODDS, LEAST_ODDS_OF_VECTORS = -5.0, -6.5
# Letters know no figure of speech: "my feet are killing me" holds the letters of a crisis. Where
# hardly anything stands beside words that can only be harmless, they say nothing.
FIGURE, FEW_BESIDE = -2.0, 5
# With one encoder no harmless validation message reached 5; with two their odds reach further.
CERTAIN_ODDS = 12.0
# A word in a long story may be the sign of something else ("blue at birth"): with odds of both, at
# their most alarming place, below this, what a rule is sure of is in doubt: of 51 false alarms of
# the sets up to 2026-11-30 about half, of 73 dangers one or two, which still get the safety text
# first.
LONG_WORDS, DOUBTFUL_ODDS = 30, -0.5
# The same in a message of eight words and more ("my professor would have a fit"): of 68 certain
# false alarms of the same sets some 25 came below this, of 691 dangers fewer than twelve, with a
# network that had learned 40 examples less. In fewer words the two know too little ("not
# breathing!!").
CALM_WORDS, CALM_ODDS = 7, -5.5
# A soft sign of an emergency (a rash, vomiting) in words that both find utterly harmless is none.
# No such danger of the sets up to 2026-11-30 came below this when it was chosen. Only in messages
# of more than a word that are not long: of long ones the vectors do not see every sentence. It was
# counted with one encoder; two say "harmless" more strongly, so it was moved down until no known
# danger was lost.
HARMLESS_ODDS = -7.6
# Of these two, so much likelier must harm to the child be to be told of it: `likeliest` says why.
HARM, OWN_LIFE, HARM_OVER_OWN_LIFE = "crisis_harm_to_child", "crisis_suicide", 1.3
_SPANISH = frozenset(
    {"el", "la", "mi", "se", "de", "que", "esta", "tiene", "un", "una", "con", "por", "fiebre"}
)
_ENGLISH = frozenset(
    {"the", "my", "is", "he", "she", "it", "and", "of", "to", "a", "his", "her", "has", "i"}
)
_BESIDE_A_NUMBER = frozenset({"or", "and", ASKED})
type _Wording = tuple[tuple[str, ...], frozenset[int]]

_TALK = frozenset({"past", "others", "general", "definition", "ended"})


def prepare() -> None:
    """Read rules and weights, some two seconds; for a server to call before its first message.

    Raises:
        ValueError: a data file of the package cannot be used; the text says what to change.
    """
    rules().lexicon.prepare()
    classifier()
    prepare_meaning()


def check(text: str) -> Verdict:
    """Find an emergency or a crisis in one message.

    Rules come first: what they find is certain unless they say otherwise. Where they find nothing
    certain, the two classifiers, on letters and on meaning, may raise doubt; they make certain
    only what both are very sure of.

    Args:
        text: what a visitor typed, of any length and in any state.

    Returns:
        The verdict; empty when nothing was found. Never raises.
    """
    prepare()  # a broken installation shall be heard, so this stands outside
    try:
        return _check(text)
    # Whatever is wrong with one text, it must not take the message down with it.
    except Exception as error:  # noqa: BLE001 - the line above
        _log.error("the safety check failed: %s", _named(error))
        return Verdict((), None, "en", ("check-failed",))


class _Look:
    """What the classifiers see in a message, looked at when it is asked for, and once.

    Args:
        text: the message as typed.
        reading: the same, read.
    """

    def __init__(self, text: str, reading: Reading) -> None:
        self._text, self.reading = text, reading

    @cached_property
    def has_words(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.reading.sentences) and has_words(self._text, rules().lexicon)

    @cached_property
    def letters(self) -> NDArray[np.float64]:
        """Confidence of each label for each sentence, shape [n_sentences, n_labels]."""
        return classifier().score(self.reading)

    @cached_property
    def vectors(self) -> NDArray[np.float64] | None:
        """The same for each window; None when no encoder can be used."""
        return confidences(windows(self._text, self.reading, 1 - self.letters[:, 0]))


def _check(text: str) -> Verdict:
    reading = read(text, rules().lexicon)
    found, explained = _judged_signs(reading)
    second = NOTHING
    try:
        look = _Look(text, reading)
        found = _doubted(look, found)
        if "certain" not in found.values():
            second = _second_look(look, explained)
    # Whatever it is in this text that the classifiers cannot read, the rules have read it.
    except Exception as error:  # noqa: BLE001 - the line above
        _log.error("the second look failed: %s", _named(error))
        second = Verdict(evidence=("second-look-failed",))
    if not found:
        return second
    known = rules().by_id
    categories = {known[name].category for name in found} | set(second.categories)
    # A number says nothing of the language.
    languages = {known[name].language for name in found if not known[name].is_reading}
    is_certain = "certain" in (second.certainty, *found.values())
    return Verdict(
        tuple(c for c in CATEGORIES if c in categories),
        "certain" if is_certain else "doubt",
        languages.pop() if len(languages) == 1 else _language(reading),
        (*sorted(found), *second.evidence),
    )


def _named(error: Exception) -> str:
    """Give an error's kind and where it was raised, and nothing of the message."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"


def _judged_signs(reading: Reading) -> tuple[dict[str, Certainty], set[_Wording]]:
    """Give the rules that hold, each with its certainty, and the wordings with explained signs."""
    known = rules()
    found: dict[str, Certainty] = {}
    settled: set[str] = set()
    explained: set[_Wording] = set()
    is_defined = False
    for sentence in _each_once(reading.sentences):
        # One plain sign settles its category; more of it would change nothing.
        signs = [s for s in known.signs(sentence.words) if known.category(s) not in settled]
        if is_defined and _is_number_asked(sentence):
            explained.add(_wording(sentence))
            continue
        frames = known.frames(sentence.words)
        is_defined = is_defined or any(frame.name == "definition" for frame in frames)
        if not signs:
            continue
        context = Context(sentence, frames, known.lexicon)
        for sign in signs:
            rule = known.by_id[sign.name]
            certainty = context.judge(sign, rule)
            if not certainty:
                explained.add(_wording(sentence))
            elif found.get(rule.id) != "certain":
                found[rule.id] = certainty
        settled = {known.by_id[name].category for name, sure in found.items() if sure == "certain"}
    whole = known.exact(reading.words)
    if whole:
        found.setdefault(whole.id, whole.certainty)
    return found, explained


def _is_number_asked(sentence: Sentence) -> bool:
    """Tell whether a sentence asks of a number and says nothing else: "what is a fever? 38?"."""
    return sentence.words[-1] == ASKED and all(
        word[0] == "#" or word in _BESIDE_A_NUMBER for word in sentence.words
    )


def _doubted(look: _Look, found: dict[str, Certainty]) -> dict[str, Certainty]:
    """Give the rules that hold, less sure where both classifiers see hardly any danger.

    A number on a thermometer and a call for help stay as they are, and so does a crisis but for
    its certainty.
    """
    known = rules()
    weighed = [
        name for name in found if not (known.by_id[name].is_reading or known.by_id[name].is_call)
    ]
    n_gaps = look.reading.plain.count(" ")
    is_long = n_gaps >= LONG_WORDS
    is_sure = "certain" in found.values()
    if not weighed or (is_sure and n_gaps < CALM_WORDS) or not look.has_words:
        return found
    letters, vectors = look.letters, look.vectors
    if vectors is None:
        return found
    odds = max(LEAST_ODDS_OF_VECTORS, float(odds_of_danger(vectors[:, 0]).max()))
    odds += max(LEAST_ODDS, float(odds_of_danger(letters[:, 0]).max()))
    if is_sure:
        calm: list[str] = weighed if odds < (DOUBTFUL_ODDS if is_long else CALM_ODDS) else []
        return found | dict.fromkeys(calm, "doubt")
    if is_long or n_gaps == 0 or odds >= HARMLESS_ODDS:
        return found
    return {
        name: certainty
        for name, certainty in found.items()
        if name not in weighed or kind_of(known.by_id[name].category) == "crisis"
    }


def _wording(sentence: Sentence) -> _Wording:
    """Give what a sentence says, wherever it stands."""
    return sentence.words, sentence.commas


def _each_once(sentences: tuple[Sentence, ...]) -> Iterator[Sentence]:
    """Give each sentence that has not been read before; pasted pages repeat themselves."""
    seen: set[_Wording] = set()
    for sentence in sentences:
        if _wording(sentence) not in seen:
            seen.add(_wording(sentence))
            yield sentence


def _second_look(look: _Look, explained: set[_Wording]) -> Verdict:
    """Let the classifiers raise doubt where the rules found nothing certain."""
    if not look.has_words:
        return NOTHING
    reading, letters = look.reading, look.letters
    frames = [rules().frames(sentence.words) for sentence in reading.sentences]
    kinds = [{frame.name for frame in those} for those in frames]
    is_barred = np.array(
        [
            _wording(sentence) in explained or _is_harmless(sentence, those)
            for sentence, those in zip(reading.sentences, frames, strict=True)
        ]
    )
    vectors = look.vectors
    if vectors is None:
        return _look_at_letters(reading, letters, is_barred, kinds)
    strongest = vectors[vectors[:, 0].argmin()]
    label = likeliest(strongest)
    odds, enough = _odds_of_vectors(vectors[:, 0]), ENOUGH_ODDS[label]
    n_gaps = reading.plain.count(" ")
    if n_gaps < FEW_WORDS and all(k & _TALK for k in kinds):
        enough = ENOUGH_ODDS_WHEN_FRAMED
    if n_gaps < FEW_WORDS and all(is_barred):
        odds, enough = odds + EXPLAINED_WHEN_SHORT, ENOUGH_ODDS_WHEN_FRAMED
    else:
        is_figure = np.array([bool(k & {"figure", "veto"}) for k in kinds])
        odds += _odds_of_letters(letters[:, 0], is_barred, is_figure)
    if n_gaps < SHORT_WORDS:
        enough += MORE_WHEN_SHORT
    elif n_gaps < BRIEF_WORDS:
        enough += MORE_WHEN_BRIEF
    elif len(reading.sentences) > LONG_SENTENCES:
        enough += MORE_WHEN_LONG
    if odds < enough:
        return NOTHING
    certainty: Certainty = "certain" if odds >= CERTAIN_ODDS else "doubt"
    return Verdict((label,), certainty, _language(reading), ("meaning",))


def likeliest(window: NDArray[np.float64]) -> str:
    """Give the danger that a window most likely tells of.

    "Put the baby down", said to somebody whose baby has died and who wants to follow, is worse than
    the crisis line for somebody who fears to harm theirs: of the two the former must be plainer.
    """
    label = LABELS[1 + int(window[1:].argmax())]
    harm, own = (window[LABELS.index(name)] for name in (HARM, OWN_LIFE))
    return OWN_LIFE if label == HARM and harm < HARM_OVER_OWN_LIFE * own else label


def _odds_of_vectors(none: NDArray[np.float64]) -> float:
    """Give the log-odds of the window that sees most danger, less where the others see little."""
    odds = odds_of_danger(none)
    return float(odds.max() + OTHER_WINDOWS * (odds.mean() - odds.max()))


def _is_harmless(sentence: Sentence, frames: list[Span]) -> bool:
    """Tell whether a sentence holds harmless words and hardly anything else."""
    covered = {
        at
        for frame in frames
        if is_veto(frame, sentence, rules().lexicon)
        for at in range(frame.start, frame.end)
    }
    return bool(covered) and len(sentence.words) - len(covered) <= FEW_BESIDE


def _odds_of_letters(
    none: NDArray[np.float64], is_barred: NDArray[np.bool_], is_figure: NDArray[np.bool_]
) -> float:
    """Give the log-odds of the sentence in which letters see most danger."""
    odds = np.maximum(odds_of_danger(none) + FIGURE * is_figure, LEAST_ODDS)
    if all(is_barred):
        return float(EXPLAINED + EXPLAINED_SHARE * odds.max())
    return float(odds[~is_barred].max())


def _look_at_letters(
    reading: Reading,
    scores: NDArray[np.float64],
    is_barred: NDArray[np.bool_],
    kinds: list[set[str]],
) -> Verdict:
    """Let letters alone raise doubt: without the encoder, they are all there is."""
    enough = ENOUGH
    if reading.plain.count(" ") < SHORT_WORDS:
        enough = ENOUGH_WHEN_SHORT
    elif len(reading.sentences) > LONG_SENTENCES:
        enough = ENOUGH_WHEN_LONG
    for place in scores[:, 0].argsort():
        confidence = 1 - scores[place, 0]
        if confidence < enough:
            break
        if is_barred[place]:
            continue
        if confidence < ENOUGH_WHEN_FRAMED and kinds[place] & _TALK:
            continue
        label = LABELS[1 + int(scores[place, 1:].argmax())]
        return Verdict((label,), "doubt", _language(reading), ("classifier",))
    return NOTHING


def _language(reading: Reading) -> Language:
    """Give the language of a message that no rule has placed."""
    words = set(reading.plain.split(" "))
    return "es" if len(words & _SPANISH) > len(words & _ENGLISH) else "en"
