"""The steps of a pipeline, from its file.

What each reads and leaves:

- miniature: leaves `RUN/raw`.
- build: reads the raw files; leaves the prepared data set. Both by names, sizes and times. A data
  set that was built before, by whomever, is taken as it is; raw files that change build it anew.
- train: reads the prepared data set, the source of the experiment, and the weights and photographs
  to start from; leaves the model and its figures.
- evaluate: reads the model and the data set; leaves the folder of the evaluation.
- export: reads the model, its figures and the data set; leaves the export.
- bless: reads the export and the report of the baseline; leaves the blessing. A baseline that is
  this export itself has nothing new to say: so it is once the export has been pushed there.
- push: has to run as long as no served version is this export. So nothing is pushed twice.
"""

import contextlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.folder import BLESSING, REPORT, read_json
from emo_tf.export.served_root import EXTRA, report_folder, versions
from emo_tf.pipeline import experiments
from emo_tf.pipeline.config import PipelineConfig
from emo_tf.pipeline.digests import Digests
from emo_tf.pipeline.step import SAME, Digest, Step

MODEL = "model.keras"
METRICS = "metrics.json"
BEST_WEIGHTS = "best.weights.h5"
NAMES = ("miniature", "build", "train", "evaluate", "export", "bless", "push")
_RESULTS = (MODEL, METRICS, "data.json")
_RESULTS_OF_EMOTIC = (*_RESULTS, "thresholds.json")
_OF_TRAINING = ("config.json", "checkpoints", "logs", "cache", "member_*")


def pipeline_steps(config: PipelineConfig) -> tuple[Step, ...]:
    """Returns the steps whose tables are in the file of a pipeline, in their order."""
    return _Steps(config).made()


class _Steps:
    def __init__(self, config: PipelineConfig):
        self._config = config
        self._digests = Digests()
        self._data = config.data_dir / config.dataset
        self._raw = config.run_dir / "raw"
        self._model = config.run_dir / MODEL
        self._export = config.export_dir

    def made(self) -> tuple[Step, ...]:
        config = self._config
        wanted = {
            "miniature": config.build is not None and config.build.miniature is not None,
            **{name: getattr(config, name) is not None for name in NAMES[1:]},
        }
        return tuple(getattr(self, f"_{name}_step")() for name in NAMES if wanted[name])

    def _miniature_step(self) -> Step:
        build = self._config.build
        return Step(
            name="miniature",
            arguments=(
                # A twin is of the whole data set, whatever its configurations.
                *("data", "miniature", self._config.dataset.partition("/")[0]),
                *_options(out=self._raw, size=build.miniature, seed=build.seed),
            ),
            outputs=self._stamps(self._raw),
            leftovers=(self._at(self._raw),),
        )

    def _build_step(self) -> Step:
        config, manual_dir = self._config, self._config.build.manual_dir
        raw = manual_dir or self._raw
        return Step(
            name="build",
            arguments=(
                *("data", "build", config.dataset),
                *_options(manual_dir=raw, data_dir=config.data_dir),
            ),
            inputs=self._stamps(raw),
            outputs=self._stamps(self._data),
            leftovers=(self._at(self._data),),
            resumes=True,
            made_here=None if manual_dir else self._at(self._data),
        )

    def _train_step(self) -> Step:
        config, train = self._config, self._config.train
        names = _RESULTS_OF_EMOTIC if config.task == "emotic" else _RESULTS
        results = [config.run_dir / name for name in names]
        starts = [self._weights(initial) for initial in train.init]
        starts += [train.scene_backbone, train.body_backbone]
        return Step(
            name="train",
            arguments=(
                *("train", config.experiment),
                *_options(run=config.run_dir, data_dir=config.data_dir, **vars(train)),
            ),
            inputs={
                **self._stamps(self._data),
                **{
                    f"configs/{path.name}": partial(self._digests.contents, path)
                    for path in experiments.sources(config.experiment)
                },
                **self._contents(*starts),
                **self._stamps(train.photographs),
            },
            outputs=self._contents(*results),
            leftovers=(
                *(self._at(config.run_dir / name) for name in _OF_TRAINING),
                *(self._at(path) for path in results),
            ),
            resumes=True,
        )

    def _evaluate_step(self) -> Step:
        run, split = self._config.run_dir, self._config.evaluated_split
        options = {**vars(self._config.evaluate), "split": split}
        return Step(
            name="evaluate",
            arguments=("evaluate", *_options(run=run, **options)),
            inputs={**self._contents(self._model), **self._stamps(self._data)},
            outputs=self._contents(run / "evaluation" / split),
        )

    def _export_step(self) -> Step:
        config = self._config
        options = {**vars(config.export), "out": self._export}
        return Step(
            name="export",
            arguments=("export", *_options(run=config.run_dir, **options)),
            inputs={
                **self._contents(*(config.run_dir / name for name in _RESULTS)),
                **self._stamps(self._data),
            },
            outputs=self._contents(self._export),
        )

    def _bless_step(self) -> Step:
        options = dict(vars(self._config.bless))
        baseline = options.pop("baseline")
        compared = {} if baseline is None else {str(baseline): partial(self._compared, baseline)}
        return Step(
            name="bless",
            arguments=("bless", *_options(export=self._export, **options)),
            inputs={**self._contents(self._export), **compared},
            outputs=self._contents(self._export / BLESSING),
            if_present=(
                {} if baseline is None else {self._at(baseline): ("--baseline", str(baseline))}
            ),
        )

    def _push_step(self) -> Step:
        return Step(
            name="push",
            arguments=("push", *_options(export=self._export, **vars(self._config.push))),
            inputs=self._contents(self._export),
            pending=partial(self._not_served, self._config.push.to),
        )

    def _compared(self, baseline: Path) -> str | None:
        """Returns the digest of the report that an export is compared with."""
        path = self._at(baseline)
        try:
            report = self._digests.contents(report_folder(path) / REPORT)
        except EmoError:
            return None  # Nothing is served yet; what else it is, `emo-tf bless` says.
        own = self._digests.contents(self._at(self._export / REPORT))
        return SAME if report == own else report

    def _not_served(self, served: Path) -> str | None:
        """Returns why an export has to be pushed; `None` if a served version is this export."""
        export, root = self._digests.contents(self._at(self._export)), self._at(served)
        for version in reversed(versions(root)):
            with contextlib.suppress(EmoError):
                blessing = read_json(
                    root / str(version) / EXTRA, BLESSING, kind="a version that was blessed"
                )
                if export is not None and blessing.get("export_sha256") == export:
                    return None
        return f"no version in {served} is {self._export}"

    def _weights(self, initial: Path) -> Path:
        """Returns the file of weights that `--init` means, which may name a run."""
        if initial.suffix == ".keras":
            return initial
        if self._config.task == "group":
            return initial / MODEL
        return initial / "checkpoints" / BEST_WEIGHTS

    def _at(self, path: Path) -> Path:
        return self._config.folder / path

    def _contents(self, *paths: Path | None) -> dict[str, Digest]:
        return {
            str(path): partial(self._digests.contents, self._at(path))
            for path in paths
            if path is not None
        }

    def _stamps(self, path: Path | None) -> dict[str, Digest]:
        if path is None:
            return {}
        return {str(path): partial(self._digests.stamps, self._at(path))}


def _options(**values: object) -> tuple[str, ...]:
    """Returns options of a command line from values by name; `None` and `False` are left out."""
    words: list[str] = []
    for name, value in values.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif isinstance(value, Mapping):
            words += [word for key, one in value.items() for word in (option, f"{key}={one}")]
        elif isinstance(value, tuple):
            words += [word for one in value for word in (option, str(one))]
        elif value is not None and value is not False:
            words += [option, str(value)]
    return tuple(words)
