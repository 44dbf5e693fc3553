"""The desk's approved texts, as the relay checks replies against them."""

from availability import content


class DeskCopies:
    """What this process holds of entries and responses."""

    def entry_version(self, entry_id: str) -> str | None:
        """Return the version of an entry, None when there is no such entry."""
        entry = content.knowledge().entries.get(entry_id)
        return entry.version if entry else None

    def has_response(self, response_id: str) -> bool:
        """Return whether there is such a response."""
        return response_id in content.responses()
