"""Approved texts that are no answers, and the slots they are filled from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from knowledge.documents import Problems, Value, read_document
from knowledge.errors import KnowledgeError
from knowledge.models import ApprovedText

SLOT_NAMES = frozenset(
    {
        "organisation_name",
        "former_name",
        "phone",
        "emergency_number",
        "crisis_line",
        "maternal_line",
        "poison_line",
        "opens_at",
        "closes_at",
        "specialist_name",
        "position",
        "reference",
        "person_line",
    }
)
"""Every name that may stand in braces in a notice, a response or a safety text."""

_SLOT = re.compile(r"\{([a-z_]+)\}")
_BRACE = re.compile(r"[{}]")


def digest(*parts: object) -> str:
    """Return 8 hex digits that change when any part does."""
    canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:8]


def slot_names(text: str) -> tuple[str, ...]:
    """Return the slot names of a text in order of first use.

    Raises:
        KnowledgeError: a brace that is no slot, or a slot that the house does not have.
    """
    names = tuple(dict.fromkeys(_SLOT.findall(text)))
    if _BRACE.search(_SLOT.sub("", text)):
        raise KnowledgeError(["text: use braces only around a slot name, such as {phone}"])
    unknown = [name for name in names if name not in SLOT_NAMES]
    if unknown:
        raise KnowledgeError(
            [f"text: replace the slot {{{name}}}; there is no such slot" for name in unknown]
        )
    return names


def fill_slots(text: str, slots: Mapping[str, str]) -> str:
    """Return a text with its slots filled; one without slots comes back byte for byte.

    Values are put in once and never read again, so braces in a value stay what they are.
    A value that the text does not use is ignored, so one set of values serves every text.

    Args:
        text: an approved text.
        slots: values by slot name; every name must be one of `SLOT_NAMES`.

    Raises:
        KnowledgeError: the text has a slot without a value, or text or values name a slot that
            the house does not have.
    """
    undeclared = sorted(set(slots) - SLOT_NAMES)
    if undeclared:
        raise KnowledgeError(
            [f"slots: remove '{name}'; there is no such slot" for name in undeclared]
        )
    missing = [name for name in slot_names(text) if name not in slots]
    if missing:
        raise KnowledgeError([f"slots: give a value for '{name}'" for name in missing])
    return _SLOT.sub(lambda match: slots[match.group(1)], text)


def checked_slots(value: Value, text: str) -> tuple[str, ...]:
    """Return the slot names of a text in a file, noting what is wrong with them."""
    try:
        return slot_names(text)
    except KnowledgeError as error:
        for problem in error.problems:
            value.refuse(problem.removeprefix("text: "))
        return ()


def read_notices(root: Value) -> dict[str, ApprovedText]:
    """Return the notices of a file by id; see `notices.yml` for the form."""
    notices: dict[str, ApprovedText] = {}
    for item in root.items():
        notice = _read_notice(item)
        if notice.id in notices:
            item.owned_by(notice.id).refuse("choose another id; this one is taken")
        notices[notice.id] = notice
    return notices


def _read_notice(item: Value) -> ApprovedText:
    item = item.owned_by(item.peek("id", otherwise="notice"))
    fields = item.fields({"id", "version", "texts"})
    if fields.keys() < {"id", "version", "texts"}:
        return ApprovedText(id="", version="", texts={}, slots=())
    notice_id = fields["id"].text()
    number = fields["version"].whole_number()
    texts: dict[str, str] = {}
    slots: dict[str, None] = {}
    for language, value in fields["texts"].pairs():
        texts[language] = value.text()
        slots.update(dict.fromkeys(checked_slots(value, texts[language])))
    if "en" not in texts:
        item.refuse("add the English text under 'en'")
    return ApprovedText(notice_id, f"{number}-{digest(texts)}", texts, tuple(slots))


def load_responses(domain_path: Path) -> Mapping[str, ApprovedText]:
    """Return the short responses of a dialogue domain file by id, one English text each.

    Raises:
        KnowledgeError: the file cannot be read, has no responses, or a response has no text,
            several texts, an id that does not start with `utter_`, or an unknown slot.
    """
    problems = Problems()
    root = read_document(domain_path, domain_path.name, problems)
    responses: dict[str, ApprovedText] = {}
    if root is not None:
        blocks = [value for key, value in root.pairs() if key == "responses"]
        if not blocks:
            root.refuse("add the field 'responses'")
        for block in blocks:
            for response_id, value in block.pairs():
                text = _read_response(value.owned_by(response_id), response_id)
                responses[response_id] = text
    problems.raise_if_any()
    return responses


def _read_response(value: Value, response_id: str) -> ApprovedText:
    if not response_id.startswith("utter_"):
        value.refuse("start the id with 'utter_'")
    variations = value.items()
    if len(variations) != 1:
        value.refuse(f"give exactly one text (has {len(variations)}); a review needs one wording")
        return ApprovedText(response_id, "", {}, ())
    fields = variations[0].fields({"text"}, frozenset({"metadata"}))
    if "text" not in fields:
        return ApprovedText(response_id, "", {}, ())
    text = fields["text"].text()
    slots = checked_slots(fields["text"], text)
    return ApprovedText(response_id, digest({"en": text}), {"en": text}, slots)
