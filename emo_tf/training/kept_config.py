"""The configuration that a run's folder keeps, so that it goes on as it began."""

from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.files import replace_whole
from emo_tf.training.config import Experiment


def keep_config(run_dir: Path, experiment: Experiment, *, write: bool) -> None:
    """Writes `config.json`, or checks that the one that is there is the same.

    Args:
        run_dir: Folder of the run; it is made.
        experiment: What the run trains.
        write: Whether this process writes; the others of a cluster only check.

    Raises:
        EmoError: The folder holds a run of another configuration.
    """
    path = Path(run_dir) / "config.json"
    text = experiment.to_json()
    if path.exists() and path.read_text() != text:
        raise EmoError(
            f"{path}: expected the configuration of {experiment.name!r} as it is now, to "
            "go on with this run. Received: another one; choose another folder"
        )
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_whole(path) as temporary:
            temporary.write_text(text)
