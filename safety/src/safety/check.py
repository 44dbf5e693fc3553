"""The check of one message."""

import logging

from safety.classifier import LABELS, classifier
from safety.context import Context
from safety.reading import Reading, read
from safety.rules import rules
from safety.verdict import CATEGORIES, NOTHING, Certainty, Language, Verdict

_log = logging.getLogger(__name__)

# What the classifier must reach to raise doubt alone. Chosen so that it adds at most one false
# alarm in a hundred on the harmless messages of tests/data/development.yml.
ENOUGH = 0.72
# A few words are little to go by ("no not that").
SHORT_WORDS, ENOUGH_WHEN_SHORT = 3, 0.85
# Where the rules saw a sign and explained it away ("no fever"), letters alone must not bring it
# back unless they are very sure.
ENOUGH_AGAINST_RULES = 0.95
_SPANISH = frozenset(
    {"el", "la", "mi", "se", "de", "que", "esta", "tiene", "un", "una", "con", "por", "no", "lo"}
)
_ENGLISH = frozenset(
    {"the", "my", "is", "he", "she", "it", "and", "of", "to", "a", "his", "her", "has", "i"}
)
_EXPLAINING = frozenset({"veto", "past", "others", "general", "definition"})


def prepare() -> None:
    """Read rules and weights, about a second; for a server to call before its first message.

    Raises:
        ValueError: a data file of the package cannot be used; the text says what to change.
    """
    rules().lexicon.prepare()
    classifier()


def check(text: str) -> Verdict:
    """Find an emergency or a crisis in one message.

    Rules come first: what they find is certain unless they say otherwise. When they find nothing,
    the classifier may still raise doubt.

    Args:
        text: what a visitor typed, of any length and in any state.

    Returns:
        The verdict; empty when nothing was found. Never raises.
    """
    prepare()  # a broken installation shall be heard, so this stands outside
    try:
        return _check(text)
    # Whatever is wrong with one text, it must not take the message down with it.
    except Exception as error:  # noqa: BLE001
        _log.error("the safety check failed: %s", type(error).__name__)
        return Verdict((), None, "en", ("check-failed",))


def _check(text: str) -> Verdict:
    reading = read(text, rules().lexicon)
    found, is_explained = _judged_signs(reading)
    if not found:
        return _second_look(reading, is_explained)
    known = rules().by_id
    categories = {known[name].category for name in found}
    is_spanish = all(known[name].language == "es" for name in found)
    return Verdict(
        tuple(c for c in CATEGORIES if c in categories),
        "certain" if "certain" in found.values() else "doubt",
        "es" if is_spanish else "en",
        tuple(sorted(found)),
    )


def _judged_signs(reading: Reading) -> tuple[dict[str, Certainty], bool]:
    """Give the rules that hold, each with its certainty, and whether any sign was explained."""
    known = rules()
    found: dict[str, Certainty] = {}
    is_explained = False
    for sentence in dict.fromkeys(reading.sentences):
        signs, frames = known.find(sentence.words)
        context = Context(sentence, frames, known.lexicon) if signs else None
        for sign in signs:
            rule = known.by_id[sign.name]
            if not context or found.get(rule.id) == "certain":
                continue
            certainty = context.judge(sign, rule)
            if certainty:
                found[rule.id] = certainty
            else:
                is_explained = True
    whole = known.exact(reading.words)
    if whole:
        found.setdefault(whole.id, whole.certainty)
    return found, is_explained


def _second_look(reading: Reading, is_explained: bool) -> Verdict:
    scores = classifier().score(reading)
    if not len(scores):
        return NOTHING
    window = scores[scores[:, 0].argmin()]
    confidence = 1 - window[0]
    if confidence < (ENOUGH_WHEN_SHORT if reading.plain.count(" ") < SHORT_WORDS else ENOUGH):
        return NOTHING
    if confidence < ENOUGH_AGAINST_RULES and (is_explained or _is_framed(reading)):
        return NOTHING
    label = LABELS[1 + int(window[1:].argmax())]
    return Verdict((label,), "doubt", _language(reading), ("classifier",))


def _is_framed(reading: Reading) -> bool:
    frames = (frame for s in dict.fromkeys(reading.sentences) for frame in rules().frames(s.words))
    return any(frame.name in _EXPLAINING for frame in frames)


def _language(reading: Reading) -> Language:
    """Give the language of a message that no rule has placed."""
    words = set(reading.plain.split(" "))
    return "es" if len(words & _SPANISH) > len(words & _ENGLISH) else "en"
