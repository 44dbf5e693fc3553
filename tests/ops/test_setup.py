import shutil
import subprocess

from ops.settings import ROOT


def test_a_package_that_was_changed_is_no_trouble_with_the_network(tmp_path):
    installer = tmp_path / "uv"
    installer.write_text(
        "#!/bin/sh\necho 'Resolved 3 packages in 2ms'\n"
        "echo 'error: Hash mismatch for six==1.17.0'\nexit 1\n"
    )
    installer.chmod(0o755)
    script = (ROOT / "ops" / "setup.sh").read_text()
    functions = script[script.index("fail() {") : script.index("# megabytes_of")]
    made = (
        f"log={tmp_path}/log root={tmp_path} needed_megabytes=1\n{functions}\nattempt {installer}"
    )

    result = subprocess.run(
        ["/bin/sh", "-euc", made], env={"PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert result.returncode == 1
    assert "not the one that the lock names" in result.stderr
    assert "Hash mismatch for six" in result.stderr
    assert "network" not in result.stderr


def test_a_missing_python_is_told_in_one_line_before_anything_is_installed(tmp_path):
    house, programs = tmp_path / "house", tmp_path / "programs"
    (house / "ops").mkdir(parents=True)
    shutil.copy(ROOT / "ops" / "setup.sh", house / "ops")
    programs.mkdir()
    for name in ("cat", "cmp", "dirname", "mkdir"):
        (programs / name).symlink_to(shutil.which(name) or name)
    (programs / "python3.12").write_text(f"#!/bin/sh\n: >{house}/asked-for-the-other-one\n")
    (programs / "python3.12").chmod(0o755)

    result = subprocess.run(
        ["/bin/sh", house / "ops" / "setup.sh"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == (
        "setup: Python 3.10 is missing: install it, for example with `pyenv install 3.10`,"
        " then run the same command again.\n"
    )
    assert sorted(path.name for path in house.iterdir()) == [".venvs", "ops"]
    assert list((house / ".venvs").iterdir()) == []
