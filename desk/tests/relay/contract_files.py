"""The exchanges in `contracts/bot-turn/`, as both sides test against them."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "contracts" / "bot-turn"


def exchanges() -> dict[str, dict[str, Any]]:
    """Return every single exchange by its file's name."""
    return {
        path.stem: json.loads(path.read_text())
        for path in sorted(FOLDER.glob("*.json"))
        if path.stem != "refused-replies"
    }


def turns_with_status(status: int) -> dict[str, dict[str, Any]]:
    """Return the exchanges of turns that end with this status."""
    return {
        name: exchange
        for name, exchange in exchanges().items()
        if exchange["request"]["path"].endswith("/turns")
        and exchange["response"]["status"] == status
    }


def refused_replies() -> dict[str, Any]:
    """Return the bodies that the desk must refuse, by the reason."""
    document = json.loads((FOLDER / "refused-replies.json").read_text())
    return {case["why"]: case["body"] for case in document["refused"]}


class ContractCopies:
    """The approved copies that the examples speak of: all of them."""

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}
        self.responses: set[str] = set()
        for exchange in turns_with_status(200).values():
            for message in exchange["response"]["body"]["messages"]:
                self._add(message)

    def _add(self, message: dict[str, Any]) -> None:
        if message["entry"]:
            self.versions[message["entry"]] = message["version"]
        if message["response"]:
            self.responses.add(message["response"])
        for choice in message["choices"]:
            if choice["label"].startswith("ask/"):
                self.versions.setdefault(choice["label"].removeprefix("ask/"), "1-00000000")

    def entry_version(self, entry_id: str) -> str | None:
        """Return the version of an entry that an example names."""
        return self.versions.get(entry_id)

    def has_response(self, response_id: str) -> bool:
        """Return whether an example names this response."""
        return response_id in self.responses
