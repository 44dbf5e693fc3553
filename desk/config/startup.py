"""What a server process makes sure of before it takes its first visitor."""

from django.core import checks

import safety
from availability import content
from config.environment import SettingsError


def prepare() -> None:
    """Run the system checks, which uvicorn does not, and read what the first message needs.

    Raises:
        SettingsError: a check found something that would fail in front of a visitor, or the
            files of knowledge or safety cannot be used.
    """
    problems = [str(found.msg) for found in checks.run_checks() if found.is_serious()]
    if problems:
        raise SettingsError(problems)
    content.knowledge()
    content.replies()
    try:
        safety.prepare()
    except Exception as error:
        raise SettingsError([f"safety: {error}"]) from error
