import errno

import pytest

from ops.plain import Stop, guard


def test_a_stop_is_one_line_and_a_failure(capsys):
    def task() -> int:
        raise Stop("Port 8000 is taken: choose another.")

    assert guard(task) == 1
    assert capsys.readouterr().err == "Port 8000 is taken: choose another.\n"


def test_a_full_disk_is_one_line(capsys):
    def task() -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "var/model")

    assert guard(task) == 1
    assert capsys.readouterr().err.splitlines() == [
        "The disk is full (var/model): free some space, then run it again."
    ]


def test_ctrl_c_shows_nothing(capsys):
    def task() -> int:
        raise KeyboardInterrupt

    assert guard(task) == 130
    assert capsys.readouterr().err == ""


def test_a_fault_of_ours_is_not_hidden():
    def task() -> int:
        raise FileNotFoundError(errno.ENOENT, "No such file", "domain.yml")

    with pytest.raises(FileNotFoundError):
        guard(task)
