"""From the options of a command line to the settings that Beam's workers get."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from emo_tf.beam.addresses import address_of, is_remote, local_file
from emo_tf.beam.analyzer_settings import AnalyzerFile, AnalyzerSettings
from emo_tf.cli.group_options import group_settings
from emo_tf.cli.model_files import check_people_wanted, models_by_task


def shard_settings(
    *,
    model: Sequence[Path],
    person_detector: Path | None,
    scene_labels: Path | None,
    scene_network: Path | None,
    ensemble: Path | None,
    **values: object,
) -> AnalyzerSettings:
    """Checks the options and takes the digests of their files.

    Args:
        model: The files of `--model`; all files may be addresses that Beam knows.
        person_detector: The file of `--person-detector`.
        scene_labels: The file of `--scene-labels`.
        scene_network: The file of `--scene-network`.
        ensemble: The file of `--ensemble`.
        **values: The other arguments of `AnalyzerSettings`.

    Raises:
        EmoError: A file or a setting cannot be used, or they do not go together.
    """
    others = {
        "person_detector": person_detector,
        "scene_labels": scene_labels,
        "scene_network": scene_network,
        "ensemble": ensemble,
    }
    with TemporaryDirectory(prefix="emo_tf_") as folder:
        files = _Files(Path(folder))
        models = models_by_task([files.local(path) for path in model])
        local = {name: path and files.local(path) for name, path in others.items()}
        check_people_wanted(models, ["--person-detector"] if person_detector else [])
        evidence = {name: path for name, path in local.items() if name != "person_detector"}
        group_settings(**evidence, models=models, pictures=())
        settings = AnalyzerSettings(
            expression_model=files.described(models.expression),
            context_model=files.described(models.emotic),
            group_models=tuple(map(files.described, models.group)),
            **{name: files.described(path) for name, path in local.items()},
            **values,
        )
        settings.analyzer()  # says what is wrong here rather than on a worker
    return settings


class _Files:
    """Files of this machine and copies of remote ones, and where workers find them."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._addresses: dict[Path, str] = {}

    def local(self, path: Path) -> Path:
        address = address_of(path)
        if not is_remote(address):
            return path
        copy = local_file(address, self._folder / str(len(self._addresses)))
        self._addresses[copy] = address
        return copy

    def described(self, path: Path | None) -> AnalyzerFile | None:
        if path is None:
            return None
        return AnalyzerFile.of(self._addresses.get(path) or address_of(path), path)
