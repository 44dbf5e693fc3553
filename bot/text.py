"""Brings what people type into one form, and finds the questions in it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_QUOTES = str.maketrans(
    {**dict.fromkeys("’‘`´ʼ′‛", "'"), **dict.fromkeys("“”„‟", '"'), "…": "...", "⁄": "/"}
)
# The disease, but not "that is ALL", "ALL the side effects" or "open ALL day".
_ALL_IN_CAPITALS = re.compile(
    r"(?<!\bthats )(?<!\bthat's )(?<!\bis that )(?<!\bis it )(?<!\bat )(?<!\bwe )(?<!\bthey )"
    r"(?<!\bus )\bALL\b"
    r"(?!\s+(?:the|of|my|our|her|his|your|their|these|those|this|that|day|night|thanks|normal|over)\b)"
)
_FRACTION = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_LOWER_CASE = re.compile(r"[a-z]")
_PERCENT = re.compile(r"\s*%")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_REPEATED_LETTER = re.compile(r"([a-z])\1{2,}")
_REPEATED_MARK = re.compile(r"([!?.,;:\-_*~])\1+")
_SPACE = re.compile(r"\s+")
_BLANKS = re.compile(r"[^\S\n]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_ASKING = (
    "what|whats|what's|how|hows|why|when|where|who|which|can|could|is|are|does|do|did|will|should"
    "|would"
)
_WITH_WHICH = r"(?:in|at|from|for|with|to|on|by)\s(?=which|what|who)"
_BOUNDARY = re.compile(
    r"(?<=[?!])\s*(?=\S)|(?<=[.;])\s+(?=\S)|\s*\n+\s*"  # a mark or a new line
    # or a joining word or a comma before a question
    rf"|(?:,|\s)\s*(?:and also|also|plus|and|n|or|but|\+|&)\s+(?=(?:{_WITH_WHICH})?(?:{_ASKING})\b)"
    rf"|(?<=[a-z][.;])(?=(?:{_ASKING})\b)"  # or a full stop with no space behind it
    rf"|,\s*(?=(?:{_ASKING})\b)"
)
# The mark of an item, at the beginning of a line and, where a first and a second one are marked,
# anywhere: "a) what is a port b) how do i clean it". A value at a sentence's end is none.
# By then blanks are single and bullets are new lines.
_ITEM = r"#?\(?(?:\d{1,2}|[a-d])[.)] ?(?=[^\W\d])"
_LINE_MARK = re.compile(
    rf"^ ?(?:[-–—*·]+ ?(?=[^\W\d])|{_ITEM}|#?\d{{1,2}} (?=(?:{_ASKING})\b))", re.MULTILINE
)
_BULLET = re.compile(r"\s*[•▪◦]\s*")
_FIRST = re.compile(r"(?:^|\s)(?:#1|\(?[1a][.)]) ?[^\W\d]")
_SECOND = re.compile(r"\s(?:#2|\(?[2b][.)]) ?[^\W\d]")
_ANY_ITEM = re.compile(rf"(?:^|\s){_ITEM}|(?:^|\s)#\d ?(?=[^\W\d])")
_INVERTED = (
    r"(?:can|could|do|does|did|is|are|will|would|should|may)\s"
    r"(?:i|we|you|he|she|it|they|this|that|these|those|my|our|people)\b"
)
# Where a question runs into the next with no mark: "what is a port how do i clean it". After the
# words listed it goes on instead: "do you know how", "tell us what".
_RUN_ON = re.compile(
    r"\s(?=(?:what|whats|what's|how|hows|why)\s"
    r"|(?:when|where)\s(?:is|are|do|does|did|can|will|should|was)\b"
    rf"|{_INVERTED})"
)
_CARRIES_ON = frozenset(
    [
        "about", "and", "ask", "asking", "at", "but", "by", "depends", "do", "does",
        "doing", "exactly", "explain", "explained", "for", "forget", "from", "get", "idea",
        "in", "into", "is", "know", "learn", "like", "matter", "me", "no", "of", "on", "or",
        "say", "see", "so", "sure", "tell", "than", "that", "then", "to", "understand",
        "understood", "us", "was", "with", "wonder", "wondering",
    ]
)  # fmt: skip
_VERB = re.compile(
    r"\b(?:can|could|do|does|did|is|are|was|were|will|would|should|may|has|have|had)\b|s\b"
)
_AUXILIARY = r"(?:can|could|do|does|did|will|would|should|may)"
# What is no question yet before "do they" and the like: "how many rounds", whose verb is to come,
# and "where did they" or "why do babies", whose second verb is the "do".
_UNFINISHED = re.compile(
    r"\b(?:how (?:many|much)|which)"
    rf"(?: (?!(?:{_AUXILIARY}|is|are|was|were|has|have|had|i|we|you|he|she|it|they)\b)\S+){{1,5}}$"
    rf"|\b{_AUXILIARY} (?:i|we|you|he|she|it|they|people|(?!this\b)\w+s)$"
)
_TURNED_ROUND = re.compile(_INVERTED)
_LONGEST_PART = 40  # words; an encoder loses sight of what stands at the end of more
_JOINING = frozenset(
    ["and", "anyway", "because", "but", "or", "please", "since", "so", "then", "while"]
)
_WORDS_BACK = 12  # As far back as a question's own beginning is looked for.
_BETWEEN_NAMES = re.compile(
    r"\s*[,/&+]\s*(?:(?:and|or|also)\s+)?|\s+(?:and|or|plus|also|n|vs)\s+(?:also\s+|then\s+)?"
)
_MOST_NAMES, _NAMING_WORDS = 3, 16  # A longer message names more than what it asks for.
_LEAST_WORDS = 3  # A question of fewer words is seldom whole: "and if".
_OPENERS = (
    "what|whats|how|hows|why|when|where|wheres|who|whos|whom|whose|which|can|could|may|is|isnt"
    "|are|arent|am|was|were|does|doesnt|do|dont|did|didnt|has|have|had|will|wont|would|wouldnt"
    "|should|shouldnt|shall|must"
)
_ASKS_AT_START = re.compile(
    rf"(?:and|but|so|also|ok|okay|well|or|then|hi|hello|hey|[,\"«(¿>\-]|\s)*(?:{_OPENERS})\b"
)
_ASKS_INSIDE = re.compile(
    r"\?|\b(?:wonder(?:ing)?|curious|tell me|explain|explanation|want(?:ed)? to know"
    r"|need to know|like to know|want(?:ed)? to ask|question is|trying to (?:find|understand)"
    r"|looking for|info(?:rmation)? (?:on|about))\b"
    r"|,\s*(?:can|could|is|are|does|do|did|will|would|should|may)\b"
    rf"|\b{_INVERTED}"
    rf"|(?::| [-–—]) ?(?:{_ASKING})\b"
)
_MAY_ASK = re.compile(
    r"\b(?:(?:don't|dont|do not) (?:understand|know|get)"
    r"|what|how|why|which|whether|when can|where can)\b"
)

# The few that carry a message alone; each is read as the words beside it.
_EMOJI_WORDS = {
    "🆘🚑": "i need help please",
    "😭😢😞😔💔🥺😰😨😱😟😩😿🙁☹😥😓😫😖🥲": "i am so sad and scared",
    "❤🙏🥰💕💗💖🤗😘💙🧡💛💚💜": "thank you so much",
    "👍👌🆗": "ok",
    "👎": "no",
    "👋": "hello",
}


@dataclass(frozen=True)
class Part:
    """One sentence or joined question of a message, in normalised form."""

    text: str
    is_question: bool


def normalise(text: str) -> str:
    """Return a text in lower case with plain quotes and marks, single spaces and no emoji.

    A message of emoji alone becomes the words they stand for. A text without any letter or digit
    comes back as "?".
    """
    plain = _PERCENT.sub(" percent ", _plain(text))
    kept = "".join(_kept_or_space(character) for character in plain)
    kept = _REPEATED_LETTER.sub(r"\1\1", _REPEATED_MARK.sub(r"\1", kept))
    kept = _SPACE.sub(" ", kept).strip()
    if any(character.isalnum() for character in kept):
        return kept
    return _emoji_words(text) or "?"


def split_parts(text: str, limit: int = 40) -> list[Part]:
    """Return the sentences and joined questions of a normalised or raw text, in order.

    Args:
        text: what was typed; line breaks count as boundaries.
        limit: most parts to return; the last ones are kept, since a long story asks at its end.
    """
    marked = [normalise(piece) for piece in _BOUNDARY.split(_without_item_marks(text)) if piece]
    runs = [piece for run in marked for piece in _without_run_on(run)]
    pieces = [piece for run in runs for piece in _stretches(run)]
    pieces = [piece for piece in pieces if piece != "?"][-limit:]
    # "I do not know what to tell her sisters" is a question only where nothing plainer is asked.
    is_question = asks if any(asks(piece) for piece in pieces) else _may_ask
    return [Part(piece, is_question(piece)) for piece in pieces]


def named(text: str) -> list[str]:
    """Return the two or three things that a normalised text names side by side, or none.

    "Wipes and gloves info" names two; whether it asks for both is not said.
    """
    bare = text.strip(" .?!")
    found = [piece for piece in _BETWEEN_NAMES.split(bare) if piece]
    is_short = len(text.split()) <= _NAMING_WORDS
    return found if is_short and 1 < len(found) <= _MOST_NAMES else []


def sentences(answer: str, least_words: int = 3) -> list[str]:
    """Return the sentences and list items of an answer that have some words to them."""
    lines = [line.strip().removeprefix("- ") for line in answer.splitlines()]
    found = [piece.strip() for line in lines for piece in _SENTENCE_END.split(line)]
    return [sentence for sentence in found if len(sentence.split()) >= least_words]


def listed(answer: str) -> list[str]:
    """Return the items of the first list of an answer, or none."""
    items: list[str] = []
    for line in map(str.strip, answer.splitlines()):
        if line.startswith("- "):
            items.append(line.removeprefix("- "))
        elif items and line:
            break
    return items


def asks(sentence: str) -> bool:
    """Say whether a normalised sentence asks something, with or without a question mark."""
    bare = sentence.replace("'", "")
    return bool(_ASKS_AT_START.match(bare) or _ASKS_INSIDE.search(sentence))


def _without_run_on(text: str) -> list[str]:
    """Return the questions of a text that has no mark between them."""
    found, start = [], 0
    for match in _RUN_ON.finditer(text):
        before = text[start : match.start()]
        words = before.split()
        if len(words) < _LEAST_WORDS or words[-1] in _CARRIES_ON or not _is_whole(before):
            continue
        is_turned_round = _TURNED_ROUND.match(text, match.end())
        if not (is_turned_round and _UNFINISHED.search(" ".join(words[-_WORDS_BACK:]))):
            found.append(before)
            start = match.end()
    return [*found, text[start:]]


def _stretches(text: str) -> list[str]:
    """Return a tale without a full stop in pieces that can be read, cut before joining words."""
    words = text.split()
    if len(words) <= _LONGEST_PART:
        return [text]
    found: list[list[str]] = [[]]
    for word in words:
        length = len(found[-1])
        if length >= _LONGEST_PART or (length >= _LONGEST_PART // 2 and word in _JOINING):
            found.append([])
        found[-1].append(word)
    return [" ".join(stretch) for stretch in found]


def _is_whole(question: str) -> bool:
    """Say whether a question has its verb already: "how much formula" goes on."""
    return asks(question) and bool(_VERB.search(question))


def _may_ask(sentence: str) -> bool:
    return asks(sentence) or bool(_MAY_ASK.search(sentence))


def _without_item_marks(text: str) -> str:
    """Return a text in plain form, each item of a list on a line of its own, without its mark."""
    plain = _BULLET.sub("\n", _BLANKS.sub(" ", _plain(text)))
    first = _FIRST.search(plain)
    if first and _SECOND.search(plain, first.end()):
        plain = _ANY_ITEM.sub("\n", plain)
    return _LINE_MARK.sub("", plain)


def _plain(text: str) -> str:
    text = _FRACTION.sub(" ", _LINK.sub(" ", text))
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    # In a message in capitals throughout, ALL is as likely the everyday word.
    if _LOWER_CASE.search(plain):
        plain = _ALL_IN_CAPITALS.sub("acute lymphoblastic leukemia", plain)
    return plain.lower()


def _kept_or_space(character: str) -> str:
    # Emoji, signs, control and joining characters; modifiers such as skin tones come with "S".
    category = unicodedata.category(character)
    if character in "+%$<>=" or category[0] in "LNP" or category == "Mn":
        return character if category != "Mn" or character not in "\ufe0e\ufe0f" else " "
    return " "


def _emoji_words(text: str) -> str:
    for emoji, words in _EMOJI_WORDS.items():
        if any(character in emoji for character in text if character not in "\ufe0e\ufe0f"):
            return words
    return ""
