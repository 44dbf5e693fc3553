"""The closed lists of a contact record. docs/guides/following-up.md is held to them by a test.

A code is stored and counted, so it is never given another meaning: add one, or retire one by
taking it out of its list, and what was recorded under it keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from availability import content


class _Titled(Protocol):
    @property
    def title(self) -> str: ...


PURPOSES: Mapping[str, str] = {
    "information": "Facts about the disease or its treatment",
    "visit": "Getting ready to talk with the care team",
    "feelings": "Somebody to listen",
    "practical": "Money, travel, insurance, work",
    "find_service": "Finding a service or a person",
    "trial": "A study or clinical trial",
    "danger": "A danger to the child or to a person's mind",
    "complaint": "A complaint or praise",
    "other": "Something else",
}
ASKERS: Mapping[str, str] = {
    "mother": "Mother",
    "father": "Father",
    "parent": "Another parent or guardian",
    "grandparent": "Grandparent",
    "relative": "Another relative",
    "friend": "Friend",
    "patient": "A patient or former patient",
    "professional": "Professional",
    "unknown": "Not known",
}
NEXT_STEPS: Mapping[str, str] = {
    "none": "None needed",
    "callback": "We contact them again",
    "care_team": "Talk to the care team",
    "emergency": "Emergency number or crisis line",
    "social_worker": "Social worker",
    "nurse_navigator": "Nurse navigator",
    "dietitian": "Dietitian",
    "trial_support": "Help with finding a trial",
    "peer_support": "Other families or a support group",
    "financial_help": "Financial help",
    "other_organisation": "Another organisation",
    "other": "Something else",
}
OTHER_TOPIC = "other"
# Parts of topic names that are written in their own way.
_SPELLED = {"all": "ALL", "cart": "CAR-T", "kmt2a": "KMT2A", "lls": "LLS", "pedal": "PedAL"}


def topics() -> dict[str, str]:
    """Labels by code: the topics of the entries, and one for everything else."""
    names = sorted({entry.topic for entry in content.knowledge().entries.values()})
    return {**{name: topic_label(name) for name in names}, OTHER_TOPIC: "Another topic"}


def topic_label(topic: str) -> str:
    """A topic as staff read it, such as "Infant ALL"."""
    words = [_SPELLED.get(word, word) for word in topic.split("-")]
    label = " ".join(words)
    return label[:1].upper() + label[1:]


def topic_of(entry_id: str) -> str:
    """The topic of an entry; "" where the entry is gone by now."""
    found = content.knowledge().entries.get(entry_id)
    return found.topic if found else ""


def resource_title(kind: str, resource_id: str) -> str:
    """The title of something that a family was given; its id where it is gone by now."""
    titled: Mapping[str, Mapping[str, _Titled]] = {
        "entry": content.knowledge().entries,
        "template": content.replies().templates,
        "service": content.replies().services,
    }
    found = titled.get(kind, {}).get(resource_id)
    return found.title if found else resource_id
