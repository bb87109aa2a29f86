"""What an export reads of a run, or of a `.keras` file that stands alone."""

import json
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow_datasets as tfds

from emo_tf.data import builders
from emo_tf.errors import EmoError
from emo_tf.export.full_precision import full_precision
from emo_tf.files import read_object
from emo_tf.model_metadata import ModelMetadata
from emo_tf.models.keras_file import load_model

MODEL, CONFIG, METRICS, DATA = "model.keras", "config.json", "metrics.json", "data.json"
DEFAULT_DATA_DIR = Path("data")


@dataclass(frozen=True)
class RunFiles:
    """A trained model and what its training wrote beside it.

    Attributes:
        path: The model's file.
        model: The model, in float32 whatever it was trained in.
        metadata: What its file says about it.
        config: The experiment's settings; empty of a file that stands alone, as the next two.
        metrics: What training measured.
        data: Which data set it read and where that lay.
    """

    path: Path
    model: keras.Model
    metadata: ModelMetadata
    config: dict
    metrics: dict
    data: dict

    @property
    def dataset(self) -> str | None:
        """The data set that training read, as TFDS names it, or `None` where nothing tells."""
        return self.data.get("dataset")

    @property
    def recipe(self) -> str:
        """How the model was trained, or where its weights come from, for a model card."""
        if self.config.get("name"):
            settings = json.dumps(self.config, indent=1)
            return f"`emo-tf train {self.config['name']}`, settings:\n\n```json\n{settings}\n```"
        provenance = dict(self.metadata.provenance)
        return f"Provenance: {json.dumps(provenance)}." if provenance else "Not stated."

    def data_dir(self, given: Path | None) -> Path:
        """Returns where prepared data sets lie: as given, as in training, or in `data`."""
        known = self.data.get("data_dir")
        return Path(given or known or DEFAULT_DATA_DIR)

    def prepared(self, default: str, *, data_dir: Path | None) -> tfds.core.DatasetBuilder | None:
        """Returns the prepared data set, or `None` where nobody says that there is one.

        Args:
            default: Data set to look for if nothing tells which one training read.
            data_dir: Where prepared data sets lie, if not where they lay for training.

        Raises:
            EmoError: It does not lie there.
        """
        if self.dataset is None and data_dir is None:
            return None
        return builders.prepared(self.dataset or default, data_dir=self.data_dir(data_dir))


def read_run_files(run: Path) -> RunFiles:
    """Reads a run that has ended, or a `.keras` file with its metadata.

    Raises:
        EmoError: There is no such run or file, it has not ended, or a file of it is damaged.
    """
    run = Path(run)
    if not run.exists():
        raise EmoError(f"{run}: expected the folder of a run, or a .keras file. Received: none")
    if run.is_dir():
        if not (run / MODEL).is_file():
            raise EmoError(f"{run}: expected a finished run. Received: no {MODEL}")
        path, beside = run / MODEL, {name: run / name for name in (CONFIG, METRICS, DATA)}
    else:
        path, beside = run, {}
    model, metadata = load_model(path)
    found = {name: read_object(file) for name, file in beside.items() if file.is_file()}
    return RunFiles(
        path=path,
        model=full_precision(model),
        metadata=metadata,
        config=found.get(CONFIG, {}),
        metrics=found.get(METRICS, {}),
        data=found.get(DATA, {}),
    )
