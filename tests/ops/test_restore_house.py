"""A restore into the real desk: what a visitor erased after the backup stays erased."""

import pytest

from ops import restore
from ops.backup import make_backup
from ops.database import the_database
from ops.manage import manage, migrate
from ops.settings import DESK_PROGRAMS, read_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not DESK_PROGRAMS.exists(), reason="the desk's environment is not built: make setup"
    ),
]

OPEN = """
from conversations.services import open_conversation
print(open_conversation(language="en", page_url="").conversation.pk)
"""
ERASE = """
from conversations.services import erase_conversation
erase_conversation("{id}", by="visitor")
"""
LIST = """
from conversations.models import Conversation
print(*Conversation.objects.values_list("pk", flat=True))
"""


def test_a_conversation_erased_after_the_backup_does_not_come_back(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ORGANISATION_FILE"):
        monkeypatch.delenv(name, raising=False)
    settings = read_settings({"DATA_DIR": str(tmp_path / "var")})
    settings.data_dir.mkdir()
    monkeypatch.setenv("DATA_DIR", str(settings.data_dir))

    def run(code: str) -> str:
        return manage(settings, "shell", "--verbosity", "0", "-c", code)

    migrate(settings)
    kept, erased = run(OPEN), run(OPEN)
    backup = make_backup(settings, the_database(settings))
    run(ERASE.format(id=erased))
    later = run(OPEN)
    assert set(run(LIST).split()) == {kept, later}

    monkeypatch.setattr("sys.argv", ["restore", str(backup)])
    assert restore.main() == 0

    assert run(LIST).split() == [kept]
