"""The check of one message."""

import logging
from collections.abc import Iterator

from safety.classifier import LABELS, classifier
from safety.context import Context
from safety.reading import Reading, Sentence, read
from safety.rules import rules
from safety.verdict import CATEGORIES, NOTHING, Certainty, Language, Verdict

_log = logging.getLogger(__name__)

# What the classifier must reach to raise doubt alone. Chosen so that it adds at most one false
# alarm in a hundred on the harmless messages of tests/data/development.yml.
ENOUGH = 0.72
# A few words are little to go by ("no not that").
SHORT_WORDS, ENOUGH_WHEN_SHORT = 3, 0.85
# A story has many sentences, and each is a chance to be wrong.
LONG_SENTENCES, ENOUGH_WHEN_LONG = 4, 0.85
# Where the rules saw a sign and explained it away ("no fever"), letters do not bring it back; where
# the sentence only looks like a question or a tale, they must be very sure.
ENOUGH_WHEN_FRAMED = 0.95
_SPANISH = frozenset(
    {"el", "la", "mi", "se", "de", "que", "esta", "tiene", "un", "una", "con", "por", "no", "lo"}
)
_ENGLISH = frozenset(
    {"the", "my", "is", "he", "she", "it", "and", "of", "to", "a", "his", "her", "has", "i"}
)
_TALK = frozenset({"past", "others", "general", "definition"})


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
    except Exception as error:  # noqa: BLE001 - the line above
        _log.error("the safety check failed: %s", type(error).__name__)
        return Verdict((), None, "en", ("check-failed",))


def _check(text: str) -> Verdict:
    reading = read(text, rules().lexicon)
    found, explained = _judged_signs(reading)
    if not found:
        return _second_look(reading, explained)
    known = rules().by_id
    categories = {known[name].category for name in found}
    languages = {known[name].language for name in found}
    return Verdict(
        tuple(c for c in CATEGORIES if c in categories),
        "certain" if "certain" in found.values() else "doubt",
        languages.pop() if len(languages) == 1 else _language(reading),
        tuple(sorted(found)),
    )


def _judged_signs(reading: Reading) -> tuple[dict[str, Certainty], set[Sentence]]:
    """Give the rules that hold, each with its certainty, and sentences with explained signs."""
    known = rules()
    found: dict[str, Certainty] = {}
    settled: set[str] = set()
    explained: set[Sentence] = set()
    for sentence in _each_once(reading.sentences):
        # One plain sign settles its category; more of it would change nothing.
        signs = [s for s in known.signs(sentence.words) if known.category(s) not in settled]
        if not signs:
            continue
        context = Context(sentence, known.frames(sentence.words), known.lexicon)
        for sign in signs:
            rule = known.by_id[sign.name]
            certainty = context.judge(sign, rule)
            if not certainty:
                explained.add(sentence)
            elif found.get(rule.id) != "certain":
                found[rule.id] = certainty
        settled = {known.by_id[name].category for name, sure in found.items() if sure == "certain"}
    whole = known.exact(reading.words)
    if whole:
        found.setdefault(whole.id, whole.certainty)
    return found, explained


def _each_once(sentences: tuple[Sentence, ...]) -> Iterator[Sentence]:
    """Give each sentence that has not been read before; pasted pages repeat themselves."""
    seen: set[tuple[object, ...]] = set()
    for sentence in sentences:
        key = sentence.words, sentence.commas
        if key not in seen:
            seen.add(key)
            yield sentence


def _second_look(reading: Reading, explained: set[Sentence]) -> Verdict:
    """Let the classifier raise doubt where the rules found nothing."""
    enough = ENOUGH
    if reading.plain.count(" ") < SHORT_WORDS:
        enough = ENOUGH_WHEN_SHORT
    elif len(reading.sentences) > LONG_SENTENCES:
        enough = ENOUGH_WHEN_LONG
    scores = classifier().score(reading)
    for place in scores[:, 0].argsort():
        confidence = 1 - scores[place, 0]
        if confidence < enough:
            break
        sentence = reading.sentences[place]
        kinds = {frame.name for frame in rules().frames(sentence.words)}
        if sentence in explained or "veto" in kinds:
            continue
        if confidence < ENOUGH_WHEN_FRAMED and kinds & _TALK:
            continue
        label = LABELS[1 + int(scores[place, 1:].argmax())]
        return Verdict((label,), "doubt", _language(reading), ("classifier",))
    return NOTHING


def _language(reading: Reading) -> Language:
    """Give the language of a message that no rule has placed."""
    words = set(reading.plain.split(" "))
    return "es" if len(words & _SPANISH) > len(words & _ENGLISH) else "en"
