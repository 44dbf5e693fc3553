"""What the reader refuses, in words an editor can act on."""

from __future__ import annotations

from collections.abc import Iterable


class KnowledgeError(ValueError):
    """Content that may not reach a family, with one line for each thing to change.

    Attributes:
        problems: lines of the form "file:line: entry: what to change", in file order.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: list[str] = list(problems)
        super().__init__("\n".join(self.problems))
