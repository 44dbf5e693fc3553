"""A small house of knowledge that keeps every rule, for tests to break one rule at a time."""

from __future__ import annotations

from pathlib import Path

SOURCES = """\
- {id: organisation, title: About this service, publisher: A charity, url: null, published_on: null}
- {id: nejm, title: Study, publisher: NEJM, url: 'https://example.org/a', published_on: '2023-04'}
- {id: news, title: The news, publisher: A paper, url: null, published_on: '2026'}
"""

FACTS = """\
- {id: study-1, sources: [nejm], as_of: '2023-04', confidence: read, sensitive: false}
- {id: study-2, sources: [nejm], as_of: '2023-04', confidence: read, sensitive: true}
- {id: study-3, sources: [], as_of: not checked, confidence: recalled, sensitive: false}
"""

NOTICES = """\
- id: greeting_open
  version: 2
  texts:
    en: Hello. In an emergency, call {emergency_number} first.
- id: specialist_joined
  version: 1
  texts:
    en: "{specialist_name} is here. You can write to {specialist_name} now."
    es: "Hola, soy {specialist_name}."
"""

ORGANISATION = """\
name: A Charity
former_name: An Older Name
is_demonstration: true
phone: {value: 1-800-000-0000, verified: false, note: not seen lately}
email: {value: null, verified: false}
website: {value: 'https://example.org', verified: true}
time_zone: America/New_York
emergency_number: {value: '911', verified: true}
crisis_line: {value: '988', verified: true}
maternal_line: {value: 1-833-852-6262, verified: true}
poison_line: {value: 1-800-222-1222, verified: true}
hours:
  verified: false
  weekly:
    monday: ['09:00-12:00', '13:00-21:00']
    friday: ['09:00-17:00']
holidays:
  '2026-12-25': closed
  '2026-12-24': ['09:00-13:00']
"""

STUDY = """\
topic: study
entries:
- id: study-good
  version: 3
  kind: medical
  title: What the study found
  questions:
  - what did the study find
  - study results
  - What were the results of the study?
  - did the drug help the babies
  - results
  - does it work
  - I am scared, what did they find
  - study resluts
  answer: |-
    The drug helped. It was added to chemo.

    - It is given into a vein.
    - Ask your team.
  sources: [nejm]
  facts: [study-1]
  as_of: '2023-05-01'
  sensitive: false
  related: [service-good]
  follow_ups:
  - {text: "and how many babies?", entries: [study-good]}
  - {text: who can tell me, entries: [service-good, study-good]}
  review: {status: pending, reviewer: null, reviewed_on: null, due_on: '2027-05-01'}
"""

SERVICE = """\
topic: this-service
entries:
- id: service-good
  version: 1
  kind: service
  title: What this chat is
  questions: [what is this, who are you, what can you do, help, menu, topics, how to start, now]
  answer: This is a chat for families.
  sources: [organisation]
  facts: []
  as_of: undated
  sensitive: false
  related: []
  review: {status: reviewed, reviewer: A. Nurse, reviewed_on: '2026-11-01', due_on: '2027-11-01'}
"""

FILES = {
    "sources.yml": SOURCES,
    "facts.yml": FACTS,
    "notices.yml": NOTICES,
    "organisation.yml": ORGANISATION,
    "entries/study.yml": STUDY,
    "entries/this-service.yml": SERVICE,
    "plain-words.yml": "drugs:\n- blinatumomab\n",
}


def write_house(folder: Path, **changed: str) -> Path:
    """Write a house; a keyword such as `study="..."` replaces the file of that stem."""
    stems = {Path(name).stem.replace("-", "_"): name for name in FILES}
    files = FILES | {stems[stem]: content for stem, content in changed.items()}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def change(content: str, old: str, new: str) -> str:
    """Replace the one place where `old` stands."""
    assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times"
    return content.replace(old, new)
