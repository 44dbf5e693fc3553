import shutil

import pytest

from ops.model import INPUTS, WEIGHTS_AND_ARITHMETIC, fingerprint
from ops.settings import ROOT


@pytest.fixture
def repository(tmp_path):
    """A small repository with something in every place that training reads."""
    for name in INPUTS:
        path = tmp_path / name
        if path.suffix:
            path.write_text(f"# {name}\n")
        else:
            path.mkdir()
            (path / "first.yml").write_text("a: 1\n")
    (tmp_path / "bot" / "helper.py").write_text("X = 1\n")
    (tmp_path / "bot" / "adapter.npz").write_text("arrays\n")
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    return tmp_path


def test_the_same_content_has_the_same_name_anywhere(repository, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(repository, elsewhere)

    assert fingerprint(elsewhere) == fingerprint(repository)


@pytest.mark.parametrize(
    "name",
    [
        "config.yml", "domain.yml", "data/first.yml", "knowledge/first.yml", "bot/helper.py",
        "bot/adapter.npz", "encoder/first.yml",
    ],
)  # fmt: skip
def test_every_input_counts(repository, name):
    before = fingerprint(repository)

    path = repository / name
    path.write_text(path.read_text() + "\n")

    assert fingerprint(repository) != before


def test_a_new_and_a_renamed_file_count(repository):
    before = fingerprint(repository)
    (repository / "data" / "second.yml").write_text("b: 2\n")
    with_second = fingerprint(repository)
    (repository / "data" / "second.yml").rename(repository / "data" / "third.yml")

    assert len({before, with_second, fingerprint(repository)}) == 3


@pytest.mark.parametrize("package", WEIGHTS_AND_ARITHMETIC)
def test_another_version_of_the_weights_or_the_arithmetic_counts(repository, package):
    before = fingerprint(repository)
    lock = repository / "requirements.txt"

    changed = lock.read_text().replace(f"\n{package}==", f"\n{package}==9.")
    assert changed != lock.read_text(), f"{package} is not in the lock"
    lock.write_text(changed)

    assert fingerprint(repository) != before


def test_what_training_does_not_read_does_not_count(repository):
    before = fingerprint(repository)

    (repository / "bot" / "__pycache__").mkdir()
    (repository / "bot" / "__pycache__" / "helper.py").write_text("")
    (repository / "bot" / "notes.swp").write_text("")
    (repository / "endpoints.yml").write_text("")

    assert fingerprint(repository) == before
