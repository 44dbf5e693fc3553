"""What was put into a reply, checked and named as it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from availability import content
from conversations.errors import BlanksOpen, InvalidInput
from knowledge import open_blanks

MOST_RESOURCES = 20


def require_no_blanks(text: str) -> None:
    """See to it that no blank of a template is left open in a reply.

    Raises:
        BlanksOpen: one is; its words are named.
    """
    blanks = open_blanks(text)
    if blanks:
        named = ", ".join(f"[[{blank}]]" for blank in dict.fromkeys(blanks))
        raise BlanksOpen(f"Fill in or remove {named} before you send.", blanks=list(blanks))


def checked_resources(given: Iterable[Mapping[str, object]]) -> list[dict[str, str]]:
    """What was put into a reply, each once, with the version that the desk has now.

    Args:
        given: {"kind": "entry" | "template" | "service", "id": …}; a version is not believed.

    Returns:
        [{"kind": …, "id": …, "version": …}, …] in the order given.

    Raises:
        InvalidInput: the desk has no such thing, or there are too many.
    """
    kept: dict[tuple[str, str], dict[str, str]] = {}
    for item in given:
        kind, name = str(item.get("kind", "")), str(item.get("id", ""))
        version = _version(kind, name)
        if version is None:
            message = f"there is no {kind or 'resource'} {name!r}"
            raise InvalidInput(errors=[{"field": "resources", "message": message}])
        kept[kind, name] = {"kind": kind, "id": name, "version": version}
    if len(kept) > MOST_RESOURCES:
        message = f"put at most {MOST_RESOURCES} things into one reply"
        raise InvalidInput(errors=[{"field": "resources", "message": message}])
    return list(kept.values())


def _version(kind: str, name: str) -> str | None:
    entries = content.knowledge().entries
    if kind == "entry":
        return entries[name].version if name in entries else None
    if kind == "template":
        template = content.replies().templates.get(name)
        return template.version if template else None
    if kind == "service":
        service = content.replies().services.get(name)
        return entries[service.entry_id].version if service else None
    return None
