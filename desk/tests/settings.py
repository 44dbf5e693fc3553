"""The desk's settings for its tests: quick, in a temporary folder, with content of their own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_DATA_DIR = tempfile.mkdtemp(prefix="desk-tests-")
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)
_CONTENT = Path(__file__).parent / "content"

os.environ.update(
    {
        "DATA_DIR": _DATA_DIR,
        "KNOWLEDGE_DIR": str(_CONTENT / "knowledge"),
        "DOMAIN_FILE": str(_CONTENT / "domain.yml"),
        "SERVICE_HOURS": "organisation",
        "PUBLIC_URL": "http://testserver",
        "REDIS_URL": "",
        "RATE_LIMIT": "on",
        "LOG_LEVEL": "WARNING",
    }
)
if os.environ.get("DESK_TESTS_ON") == "postgres":
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
else:
    os.environ["DATABASE_URL"] = f"sqlite:///{_DATA_DIR}/desk.sqlite3"

from config.settings import *  # noqa: E402, F403  (the environment has to be set first)
from config.settings import DATABASES  # noqa: E402  (as above)

# Argon2 takes 50 ms a password on purpose; accounts in tests guard nothing.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, since an in-memory database is shared between threads without its locking.
    DATABASES["default"]["TEST"] = {"NAME": f"{_DATA_DIR}/test.sqlite3"}
else:
    DATABASES["default"]["TEST"] = {"NAME": os.environ.get("DESK_TESTS_DATABASE", "desk_tests")}
