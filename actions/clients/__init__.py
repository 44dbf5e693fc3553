"""One thin client for each outside service; no dialogue logic."""
