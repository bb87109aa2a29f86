"""The settings of an `Analyzer`, fit to be sent to workers and to be told apart later."""

import hashlib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from tempfile import TemporaryDirectory

import emo_tf
from emo_tf.beam.addresses import local_file
from emo_tf.errors import EmoError
from emo_tf.runtime.analyzer import Analyzer
from emo_tf.runtime.image_io import MAX_PIXELS
from emo_tf.weights import weight_names, weight_path


@dataclass(frozen=True)
class AnalyzerFile:
    """A file that an `Analyzer` reads.

    Attributes:
        address: Where workers find it: a path or an address that Beam knows.
        sha256: Digest of what it held when the work was planned.
    """

    address: str
    sha256: str

    @classmethod
    def of(cls, address: str, file: Path) -> "AnalyzerFile":
        """Takes the digest of a file that lies at an address.

        Args:
            address: Where workers find the file.
            file: The same file on this machine.

        Raises:
            EmoError: It cannot be read.
        """
        return cls(address, _digest(Path(file), address))

    def opened(self, folder: Path) -> Path:
        """Returns the file, copied into a new folder where it is remote.

        Raises:
            EmoError: It cannot be read, or holds something else than it did.
        """
        file = local_file(self.address, folder)
        found = _digest(file, self.address)
        if found != self.sha256:
            raise EmoError(
                f"{self.address}: expected the file that the work was planned with, SHA-256 "
                f"{self.sha256[:12]}. Received: {found[:12]}; is it the same on every worker?"
            )
        return file


@dataclass(frozen=True)
class AnalyzerSettings:
    """The arguments of an `Analyzer`, with files by their addresses.

    Attributes are called as those of `Analyzer`.

    Example:
        >>> AnalyzerSettings(min_face=30, group=False).analyzer().analyze("family.jpg")
    """

    min_face: float | None = None
    group: bool = True
    max_pixels: int = MAX_PIXELS
    threads: int = 1
    expression_model: AnalyzerFile | None = None
    context_model: AnalyzerFile | None = None
    person_detector: AnalyzerFile | None = None
    group_models: tuple[AnalyzerFile, ...] = field(default=())
    ensemble: AnalyzerFile | None = None
    scene_network: AnalyzerFile | None = None
    scene_labels: AnalyzerFile | None = None

    def analyzer(self) -> Analyzer:
        """Opens the analyzer; remote files are copied to this machine for as long as it takes.

        Raises:
            EmoError: A file or a setting cannot be used.
        """
        arguments = {}
        with TemporaryDirectory(prefix="emo_tf_") as folder:
            for one in fields(self):
                value = getattr(self, one.name)
                # Models may be called by their files, so that copies keep the names.
                place = Path(folder, one.name)
                if isinstance(value, AnalyzerFile):
                    value = value.opened(place)
                elif isinstance(value, tuple):
                    value = [file.opened(place / str(i)) for i, file in enumerate(value)]
                arguments[one.name] = value
            return Analyzer(**arguments)

    def fingerprint(self) -> dict[str, object]:
        """Returns plain values that are others where results may be others.

        Of files the digests count, not where they lie; threads change nothing.
        """
        values = {"emo_tf": emo_tf.__version__, "shipped_models": _digest_of_shipped()}
        for name, value in asdict(self).items():
            if isinstance(value, dict):
                value = value["sha256"]
            elif isinstance(value, tuple):
                value = [file["sha256"] for file in value]
            values[name] = value
        del values["threads"]
        return values


def _digest(file: Path, address: str) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise EmoError(f"{address}: expected a file. Received: {error.strerror}") from error


def _digest_of_shipped() -> str:
    whole = hashlib.sha256()
    for name in weight_names():
        whole.update(f"{name} {_digest(weight_path(name), name)}\n".encode())
    return whole.hexdigest()
