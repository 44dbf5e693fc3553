"""YAML whose every value knows its file and line.

The reader works on PyYAML's nodes, never on loaded objects: nodes keep their line, an unquoted
date or `yes` stays what the editor typed, and a doubled key cannot hide the first one.
Wrong values are noted and read as an empty value of the right type; such placeholders never get
out, because loading raises when anything was noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from knowledge.errors import KnowledgeError

# libyaml's parser is about eight times faster; a build of PyYAML without it reads the same.
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_KINDS = {
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number with a point",
    "tag:yaml.org,2002:bool": "true or false",
    "tag:yaml.org,2002:null": "nothing",
    "tag:yaml.org,2002:timestamp": "a date",
    "tag:yaml.org,2002:str": "text",
    "tag:yaml.org,2002:seq": "a list",
    "tag:yaml.org,2002:map": "a set of fields",
}


@dataclass
class Problems:
    """Collects what is wrong with a folder, so that an editor sees all of it at once."""

    lines: list[tuple[str, int, str]] = field(default_factory=list)

    def note(self, file: str, line: int, owner: str, change: str) -> None:
        """Keep one problem; `owner` is the entry or part it stands in."""
        self.lines.append((file, line, f"{file}:{line}: {owner}: {change}"))

    def raise_if_any(self) -> None:
        """Raise everything noted.

        Raises:
            KnowledgeError: something was noted; problems stand by file and line.
        """
        if self.lines:
            raise KnowledgeError(text for _, _, text in sorted(self.lines))


@dataclass(frozen=True)
class Value:
    """One value of a file with its place, read as the type that is asked of it."""

    node: yaml.Node
    file: str
    owner: str
    name: str
    problems: Problems

    @property
    def line(self) -> int:
        """Line the value starts on, counted from 1."""
        return int(self.node.start_mark.line) + 1

    def refuse(self, change: str) -> None:
        """Note that this value has to change."""
        self.problems.note(self.file, self.line, self.owner, change)

    def owned_by(self, owner: str) -> Value:
        """Return the same value, reported under another name."""
        return Value(self.node, self.file, owner, self.name, self.problems)

    def fields(
        self, required: set[str], optional: frozenset[str] = frozenset()
    ) -> dict[str, Value]:
        """Return the fields of a mapping; missing, unknown and doubled ones are noted."""
        found = dict(self._pairs())
        for key in found.keys() - required - optional:
            known = ", ".join(sorted(required | optional))
            found[key].refuse(f"remove the field '{key}'; the fields are {known}")
        for key in sorted(required - found.keys()):
            self.refuse(f"add the field '{key}'")
        return {key: value for key, value in found.items() if key in required | optional}

    def pairs(self) -> list[tuple[str, Value]]:
        """Return key and value of a mapping with free keys; doubled keys are noted."""
        return list(self._pairs())

    def peek(self, key: str, otherwise: str) -> str:
        """Return the words under a key of a mapping without judging either."""
        nodes = self.node.value if isinstance(self.node, yaml.MappingNode) else []
        for key_node, value_node in nodes:
            if key_node.value == key and isinstance(value_node, yaml.ScalarNode):
                return str(value_node.value) or otherwise
        return otherwise

    def _pairs(self) -> Iterator[tuple[str, Value]]:
        if not isinstance(self.node, yaml.MappingNode):
            self._refuse_type("a set of fields")
            return
        seen: set[str] = set()
        for key_node, value_node in self.node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            value = Value(value_node, self.file, self.owner, key, self.problems)
            if key in seen:
                value.refuse(f"keep only one field '{key}'")
            seen.add(key)
            yield key, value

    def items(self) -> list[Value]:
        """Return the items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self._refuse_type("a list")
            return []
        return [
            Value(node, self.file, self.owner, self.name, self.problems) for node in self.node.value
        ]

    def text(self, most_characters: int | None = None) -> str:
        """Return text that is neither empty nor padded nor full of control characters."""
        if self.kind != "text":
            self._refuse_type("text (put it in quotes if it looks like a number, date, yes or no)")
            return ""
        text = str(self.node.value)
        if not text.strip():
            self.refuse(f"write something in '{self.name}'")
        elif text != text.strip():
            self.refuse(f"remove the spaces around '{self.name}'")
        if _CONTROL.search(text):
            self.refuse(f"remove tabs and control characters from '{self.name}'")
        if most_characters is not None and len(text) > most_characters:
            self.refuse(f"shorten '{self.name}' to {most_characters} characters (has {len(text)})")
        return text

    def optional_text(self) -> str | None:
        """Return text, or None where the file says null."""
        return None if self.kind == "nothing" else self.text()

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(item.text() for item in self.items())

    def whole_number(self) -> int:
        """Return a whole number of at least 1."""
        number = str(getattr(self.node, "value", ""))
        if self.kind != "a number" or not number.isdecimal() or int(number) < 1:
            self.refuse(f"'{self.name}' takes a whole number from 1 up")
            return 1
        return int(number)

    def flag(self) -> bool:
        """Return true or false."""
        if self.kind != "true or false":
            self._refuse_type("true or false")
            return False
        return str(self.node.value).lower() in {"true", "yes", "on"}

    def one_of(self, *choices: str) -> str:
        """Return one of a closed list of words."""
        text = str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""
        if text not in choices:
            self.refuse(f"'{self.name}' is one of {', '.join(choices)}")
            return choices[0]
        return text

    def day(self) -> date:
        """Return a calendar date, written year-month-day."""
        text = str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""
        try:
            if not _DATE.fullmatch(text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError:
            self.refuse(f"'{self.name}' takes a date such as '2027-05-01'")
            return date.min

    def optional_day(self) -> date | None:
        """Return a calendar date, or None where the file says null."""
        return None if self.kind == "nothing" else self.day()

    @property
    def kind(self) -> str:
        """What stands here, in an editor's words."""
        return _KINDS.get(self.node.tag, "something else")

    def _refuse_type(self, wanted: str) -> None:
        self.refuse(f"'{self.name}' takes {wanted}, not {self.kind}")


def read_document(path: Path, name: str, problems: Problems) -> Value | None:
    """Return the root of a YAML file, or None after noting why it cannot be read.

    Args:
        path: the file.
        name: how the file is called in problems, such as "entries/study.yml".
        problems: where what is wrong is kept.
    """
    try:
        content = path.read_bytes().decode("utf-8")
        node = yaml.compose(content, Loader=_LOADER)
    except OSError as error:
        problems.note(name, 1, "file", f"make the file readable ({error.strerror})")
        return None
    except UnicodeDecodeError:
        problems.note(name, 1, "file", "save the file as UTF-8")
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # An unclosed bracket is found at the end of the file, one line below the last.
        line = min(mark.line + 1, max(1, len(content.splitlines()))) if mark else 1
        problems.note(name, line, "file", f"repair the YAML: {error.problem or error.context}")
        return None
    except yaml.YAMLError:
        problems.note(name, 1, "file", "repair the YAML: a character is not allowed")
        return None
    except RecursionError:
        problems.note(name, 1, "file", "repair the YAML: it is nested too deeply")
        return None
    if node is None:
        problems.note(name, 1, "file", "write something in the file; it is empty")
        return None
    return Value(node, name, "file", "file", problems)
