"""What is served: the models of ROOT, new versions of them, and the analysis of photos."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.serve.analysis import AnalysisSettings, PhotoAnalysis
from emo_tf.serve.analysis_models import AnalysisModels, ServedModel, check_choice, choose_models
from emo_tf.serve.lendable import Lendable
from emo_tf.serve.model_root import ModelVersion, RootContents, read_root, shipped_version
from emo_tf.serve.model_versions import (
    ModelVersions,
    Report,
    UnknownModel,
    VersionStatus,
    unknown_model,
)
from emo_tf.serve.predictor import Predictor
from emo_tf.serve.settings import MAX_INSTANCES


def _report_nothing(event: str, particulars: dict) -> None:
    pass


class ModelRegistry:
    """Keeps the models of ROOT loaded, the highest versions of each, and the analysis of photos.

    Whoever asks a model leases it: a version that is replaced goes once its last lease has ended.
    `refresh` may take seconds, whatever else is at hand at once.

    Args:
        root: ROOT with ROOT/MODEL/NUMBER as `emo-tf push` writes them; the shipped model alone is
            served if `None`.
        workers: Threads that may ask a model at once.
        settings: How photos are looked at.
        keep_versions: How many versions of each model are served.
        max_instances: How many instances a request may have.
        report: Is told what happens: the event (`model_loaded`, `model_failed`, `model_unloaded`,
            `analysis_loaded`, `analysis_failed`, `analysis_left_out`, `root_failed`) and its
            particulars.
        open_predictor: Opens a model, called as `Predictor` is.

    Example:
        >>> registry = ModelRegistry(Path("served"), workers=2, settings=AnalysisSettings())
        >>> registry.refresh()
        >>> with registry.predictor("expression") as predictor:
        ...     (answer,) = predictor.answer(0, [body])
    """

    def __init__(
        self,
        root: Path | None,
        *,
        workers: int,
        settings: AnalysisSettings,
        keep_versions: int = 1,
        max_instances: int = MAX_INSTANCES,
        report: Report = _report_nothing,
        open_predictor: Callable[..., Predictor] = Predictor,
    ):
        self._root = root
        self._workers = workers
        self._settings = settings
        self._keep_versions = keep_versions
        self._max_instances = max_instances
        self._report = report
        self._open_predictor = open_predictor
        self._models: dict[str, ModelVersions] = {}
        self._analysis: Lendable[PhotoAnalysis] | None = None
        self._in_use: AnalysisModels | None = None
        self._tried: AnalysisModels | None = None
        self._troubles: dict[str, str] = {}
        self._closed = False
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether the models are loaded."""
        return self._analysis is not None

    def refresh(self) -> None:
        """Looks at ROOT, loads what is new and lets go of what is gone.

        Raises:
            EmoError: At the first call alone: ROOT is no folder, the models that are to look at
                photos are unknown or not to be told, or cannot be used.
        """
        with self._refreshing:
            if self._closed:
                return
            contents = self._contents()
            if contents is not None:
                self._update_models(contents)
            self._update_analysis()

    def close(self) -> None:
        """Lets go of everything; what is leased stays until it is given back."""
        with self._refreshing:
            self._closed = True
            for model in self._models.values():
                model.update(())
            self._exchange_analysis(None)

    @contextmanager
    def predictor(self, name: str, version: int | None = None) -> Iterator[Predictor]:
        """Lends a model out.

        Args:
            name: Its name.
            version: Which of the versions that are served; the highest if `None`.

        Raises:
            UnknownModel: It is not served.
        """
        with self._model(name).lease(version) as predictor:
            yield predictor

    @contextmanager
    def analysis(self) -> Iterator[PhotoAnalysis]:
        """Lends the analysis of photos out.

        Raises:
            UnknownModel: It is not loaded, as before the first `refresh`.
        """
        with self._lock:
            lendable = self._analysis
            if lendable is None:
                raise UnknownModel("analysis: expected models that are loaded. Received: none")
            analysis = lendable.borrow()
        try:
            yield analysis
        finally:
            lendable.give_back()

    def statuses(self, name: str, version: int | None = None) -> list[VersionStatus]:
        """Returns how the versions of a model are, the highest first, or how one is.

        Args:
            name: The model's.
            version: The version, all if `None`.

        Raises:
            UnknownModel: There is no such model or version.
        """
        return self._model(name).statuses(version)

    def listing(self) -> list[dict]:
        """Returns name, highest version, task and labels of each model that can be asked."""
        listed = []
        for name in sorted(self._models):
            try:
                with self.predictor(name) as predictor:
                    about = {
                        "task": predictor.metadata.task,
                        "labels": [*predictor.metadata.labels],
                    }
                    listed.append({"name": name, "version": predictor.version, **about})
            except UnknownModel:
                continue
        return listed

    def _model(self, name: str) -> ModelVersions:
        models = self._models
        if name not in models:
            raise unknown_model(name, models)
        return models[name]

    def _contents(self) -> RootContents | None:
        """Looks at ROOT; after the first time a ROOT that cannot be read leaves all as it is."""
        if self._root is None:
            return RootContents({}, {})
        try:
            contents = read_root(self._root)
        except EmoError as error:
            if not self.ready:
                raise
            self._trouble("root_failed", str(self._root), str(error))
            return None
        self._troubles.pop(str(self._root), None)
        return contents

    def _update_models(self, contents: RootContents) -> None:
        for name, error in contents.unreadable.items():
            self._trouble("model_failed", name, error)
        for name in contents.misnamed:
            error = (
                f"{self._root}: expected names of letters, digits, '_', '-' and '.'. "
                f"Received: {name!r}"
            )
            self._trouble("model_failed", name, error)
        shipped = shipped_version()
        there = {shipped.name: (shipped,), **contents.models}
        for name in sorted({*there, *self._models} - set(contents.unreadable)):
            if name not in self._models:
                self._models = {**self._models, name: self._new_model(name)}
            self._models[name].update(there.get(name, ()))

    def _new_model(self, name: str) -> ModelVersions:
        return ModelVersions(
            name, keep=self._keep_versions, open_version=self._open, report=self._report
        )

    def _open(self, version: ModelVersion) -> Predictor:
        predictor = self._open_predictor(
            version.file,
            name=version.name,
            version=version.number,
            workers=self._workers,
            max_pixels=self._settings.max_pixels,
            max_instances=self._max_instances,
        )
        predictor.warm_up()
        return predictor

    def _update_analysis(self) -> None:
        served = self._served()
        settings = self._settings
        if not self.ready:
            check_choice(served, settings.models)
        chosen = choose_models(served, settings.models, group=settings.group, before=self._in_use)
        for model in chosen.left_out:
            used = getattr(chosen, model.task).name
            self._trouble("analysis_left_out", model.name, f"{model.task}: {used} is in use")
        if chosen in (self._in_use, self._tried):
            return
        self._tried = chosen
        try:
            analysis = PhotoAnalysis(chosen, settings=settings, workers=self._workers)
        except Exception as error:
            if not self.ready:
                raise
            self._report("analysis_failed", {**chosen.to_dict(), "error": str(error)})
            return
        self._exchange_analysis(analysis)
        self._in_use = chosen
        self._report("analysis_loaded", analysis.parts)

    def _exchange_analysis(self, analysis: PhotoAnalysis | None) -> None:
        new = None if analysis is None else Lendable(analysis, on_gone=lambda: None)
        with self._lock:
            old, self._analysis = self._analysis, new
        if old is not None:
            old.retire()

    def _served(self) -> list[ServedModel]:
        served = []
        for name in sorted(self._models):
            versions = self._models[name].available()
            if versions:
                with self._models[name].lease(versions[0].number) as predictor:
                    served.append(ServedModel(versions[0], predictor.metadata.task))
        return served

    def _trouble(self, event: str, name: str, error: str) -> None:
        """Reports what stays as it is once, not at each look at ROOT."""
        if self._troubles.get(name) != error:
            self._troubles[name] = error
            self._report(event, {"model": name, "error": error})
