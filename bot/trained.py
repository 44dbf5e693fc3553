"""The components of a trained archive outside Rasa's graph, for fitting and measuring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import yaml
from rasa.engine.graph import GraphComponent
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import class_from_module_path

from bot.components.context import InContext
from bot.components.decision import Decision
from bot.components.embedding import SentenceEmbedding
from bot.components.labels import Labels
from bot.components.readings import Beside, MessageReadings, Reading, beside_last
from bot.components.selector import Judged, LabelSelector
from bot.turn import Metadata

_Component = TypeVar("_Component", bound=GraphComponent)


class TrainedBot:
    """Reads and judges messages as the bot does."""

    def __init__(self, archive: Path, config_file: Path) -> None:
        """Load the components.

        Raises:
            OSError: there is no such archive.
        """
        pipeline = yaml.safe_load(config_file.read_text("utf-8"))["pipeline"]
        self._config = {item["name"].rpartition(".")[2]: item for item in pipeline}
        with TemporaryDirectory() as folder:
            self._storage, _ = LocalModelStorage.from_model_archive(Path(folder), archive)
            self._folder = Path(folder)
            self.readings = self._load(MessageReadings)
            self.selector = self._load(LabelSelector)
            self.decision = self._load(Decision)
        self._encoders = encoders_of(pipeline)

    def judge(self, readings: list[Reading]) -> Judged:
        """Return what readings may mean, each by itself."""
        texts = [reading.text for reading in readings]
        embeddings = {type(encoder).__name__: encoder.encode(texts) for encoder in self._encoders}
        return self.selector.judge(texts, embeddings)

    def read(self, text: str, last_entry: str | None = None) -> tuple[list[Reading], Judged]:
        """Return the readings of a message as one, with its parts, and what each may mean."""
        found = self.readings.readings(text, Metadata(last_entry=last_entry))
        readings = [each for each in found if each.role != "named"]
        return readings, self.judge(readings)

    def in_context(self, text: str, after: str) -> InContext:
        """Return a text after an entry as the context model sees it."""
        readings, judged = self.read(text, after)
        confidences = self.decision.confidences(readings, judged)
        beside = beside_last(readings, -1) or Beside(0, 0)
        return InContext.of(
            readings, 0, beside, after, confidences, judged.evidence, judged.vectors
        )

    @property
    def labels(self) -> Labels:
        """All labels, in the order of the confidences."""
        return self.judge([Reading("?", "whole", -1, has_topic=False, is_question=False)]).labels

    def _load(self, component: type[_Component]) -> _Component:
        config = {**component.get_default_config(), **self._config[component.__name__]}
        place = next(self._folder.glob(f"*{component.__module__}.{component.__name__}*"))
        loaded: Any = component.load(config, self._storage, Resource(place.name), None)
        return loaded


def encoders_of(pipeline: Sequence[Mapping[str, Any]]) -> list[SentenceEmbedding]:
    """Return the sentence embeddings that a pipeline names, in its order.

    Raises:
        WeightsChanged: installed weights are not those of the configuration.
    """
    components = ((class_from_module_path(item["name"]), item) for item in pipeline)
    return [
        component(item)
        for component, item in components
        if issubclass(component, SentenceEmbedding)
    ]


def training_data_of(config_file: Path) -> tuple[TrainingData, MessageReadings]:
    """Return a project's training data with readings, passages and follow-ups, and what read them.

    Args:
        config_file: `config.yml` beside `domain.yml` and `data/`.
    """
    root = config_file.parent
    importer = TrainingDataImporter.load_from_config(
        str(config_file), str(root / "domain.yml"), [str(root / "data")]
    )
    data = importer.get_nlu_data()
    pipeline = {item["name"]: item for item in importer.get_config()["pipeline"]}
    own = pipeline[f"{MessageReadings.__module__}.{MessageReadings.__name__}"]
    config = {**MessageReadings.get_default_config(), **own}
    with TemporaryDirectory() as folder:
        readings = MessageReadings(config, LocalModelStorage(Path(folder)), Resource("readings"))
        readings.train(data)
    return readings.process_training_data(data), readings


def newest_archive(models: Path = Path("models")) -> Path:
    """Return the archive that was trained last.

    Raises:
        ValueError: there is none.
    """
    return max(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
