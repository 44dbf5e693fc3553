"""Takes from a visitor's text what Rasa would read as anything but words."""

import unicodedata

# What the bot is asked when nothing is left of a text like "///". It has to be asked something:
# every message a visitor sends gets a reply, and a lone question mark gets the honest fallback.
NOTHING_LEFT = "?"

_KEPT_CONTROLS = frozenset("\n\t")


def neutralise(text: str) -> str:
    """Make a text safe to hand to Rasa, without changing what it says.

    Control and invisible format characters go (line breaks and tabs stay), and so do the slashes
    that Rasa would read as the start of a command: `/restart` and the like would otherwise change
    the bot's state and be written to its log together with the text.

    Args:
        text: what the visitor typed, or the title of the choice they took.

    Returns:
        Text that is never empty and never begins with a slash or white space.
    """
    visible = "".join(character for character in text if not _is_hidden(character))
    words = visible.strip().lstrip("/ \t\n").strip()
    # White space of other alphabets may have stood between the slashes.
    while words.startswith("/"):
        words = words.lstrip("/").strip()
    return words or NOTHING_LEFT


def _is_hidden(character: str) -> bool:
    if character in _KEPT_CONTROLS:
        return False
    # Cc: controls such as NUL; Cf: zero width and text direction; Cs: half of a character pair,
    # which cannot be sent as UTF-8 at all. Joiners inside words of some scripts go as well: that
    # costs the bot nothing, since the languages it answers in do not use them.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"}
