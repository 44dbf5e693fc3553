"""What cannot be done to the service's hours."""


class ClosureRefused(Exception):
    """A closing that makes no sense; `detail` says why, in words for staff."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)
