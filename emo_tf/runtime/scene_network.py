"""A Bayesian network that joins the labels of a scene with what the faces in it say."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.labels import GROUP_EMOTIONS
from emo_tf.runtime.class_file import read_class_file, write_class_file
from emo_tf.softmax import softmax

FORMAT = "emo_tf scene network"
LEAST_OVERLAP = 0.1
_CLASSES = len(GROUP_EMOTIONS)


@dataclass(frozen=True, eq=False)
class SceneNetwork:
    """P(emotion | scene labels, verdict of the faces), the emotion being the parent of them all.

        P(e | S, f)  ~  P(e) P(f | e) [ prod_{l in S} P(l | e)  prod_{l not in S} P(not l | e) ]^t

    with S the labels of the picture, f the verdict of its faces and t the temper. Labels that go
    together, such as "team" and "player", are counted as if each brought news; a temper below 1
    takes that back. Without `absent` a label that is missing says nothing, as with labellers that
    name the ten best alone. Where the faces give a distribution q, P(f | e) is its mean,
    sum_f q(f) P(f | e): virtual evidence (Pearl 1988, section 2.3.3) of a face model that was
    trained on balanced classes. What is not there is left out: no face, no label, neither.

    Args:
        labels: The L labels that the network knows, in lower case.
        label_probabilities: P(label present | emotion) of shape (L, 3), above 0 and below 1, in
            the order of `labels.GROUP_EMOTIONS`.
        face_probabilities: P(verdict | emotion) of shape (3, 3), rows the emotions, above 0.
        prior: P(emotion), above 0.
        temper: Exponent of the label evidence, above 0 up to 1.
        absent: Whether labels that a picture lacks are evidence too.
        hard_faces: Whether only the top class of the faces' distribution counts.
        fit: How the tables were made, for a reader.

    Raises:
        EmoError: Something of that has another shape or lies outside its range.

    Example:
        >>> network = SceneNetwork.read("groups.json")
        >>> network.infer([["team", "trophy"], None], faces=[[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
        array([[...], [...]])

    Reference:
        Garg 2019, "Group emotion recognition using machine learning".
    """

    labels: tuple[str, ...]
    label_probabilities: np.ndarray
    face_probabilities: np.ndarray
    prior: np.ndarray = field(default_factory=lambda: np.full(_CLASSES, 1 / _CLASSES))
    temper: float = 1.0
    absent: bool = False
    hard_faces: bool = False
    fit: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self):
        for name, shape in (
            ("label_probabilities", (len(self.labels), _CLASSES)),
            ("face_probabilities", (_CLASSES, _CLASSES)),
            ("prior", (_CLASSES,)),
        ):
            object.__setattr__(self, name, _probabilities(name, getattr(self, name), shape=shape))
        for name in ("face_probabilities", "prior"):
            sums = getattr(self, name).sum(axis=-1)
            if np.abs(sums - 1).max() > 1e-3:
                raise EmoError(f"{name}: expected rows that add up to 1. Received: sums of {sums}")
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise EmoError("labels: expected at least one, each once. Received: none, or doubles")
        if not 0 < self.temper <= 1:
            raise EmoError(f"temper: expected above 0, up to 1. Received: {self.temper}")
        present, missing = np.log(self.label_probabilities), np.log1p(-self.label_probabilities)
        # The evidence of a label; with absent ones, all begin as absent and some change.
        object.__setattr__(self, "_evidence", present - missing if self.absent else present)
        object.__setattr__(self, "_base", missing.sum(axis=0) * self.absent)
        object.__setattr__(self, "_index", {label: i for i, label in enumerate(self.labels)})

    def infer(
        self,
        labels: Sequence[Iterable[str] | None] | None = None,
        faces: np.ndarray | None = None,
    ) -> np.ndarray:
        """Returns P(emotion | evidence) of N pictures.

        Args:
            labels: The labels of each picture, in lower case; `None` for a picture that was not
                labelled, or for all. Those that the network does not know are passed over.
            faces: The faces' distribution of each picture, shape (N, 3) in the order of
                `labels.GROUP_EMOTIONS`, NaN in the row of a picture without faces; `None` for all.

        Returns:
            Shape (N, 3), rows that add up to 1; the prior where there is no evidence. One row
            where both are `None`.

        Raises:
            EmoError: `labels` and `faces` are of different numbers of pictures, or `faces` is of
                another shape or holds what are no probabilities.
        """
        count = 1 if labels is None and faces is None else len(faces if labels is None else labels)
        log_posterior = np.tile(np.log(self.prior), (count, 1))
        if labels is not None:
            log_posterior += self.temper * self._log_evidence_of_labels(labels)
        if faces is not None:
            log_posterior += self._log_evidence_of_faces(faces, count=count)
        return softmax(log_posterior)

    def _log_evidence_of_labels(self, labels: Sequence[Iterable[str] | None]) -> np.ndarray:
        index = self._index
        known = [
            () if its_labels is None else {index[one] for one in its_labels if one in index}
            for its_labels in labels
        ]
        rows = np.repeat(np.arange(len(known)), [len(its_labels) for its_labels in known])
        columns = np.fromiter((i for its_labels in known for i in its_labels), int, len(rows))
        evidence = self._evidence[columns]  # (uses of labels, 3)
        sums = np.stack(
            [np.bincount(rows, evidence[:, e], len(known)) for e in range(_CLASSES)], axis=1
        )
        labelled = np.array([its_labels is not None for its_labels in labels], bool)
        return sums + np.outer(labelled, self._base)

    def _log_evidence_of_faces(self, faces: np.ndarray, *, count: int) -> np.ndarray:
        faces = np.asarray(faces, float)
        if faces.shape != (count, _CLASSES):
            raise EmoError(
                f"faces: expected shape ({count}, {_CLASSES}), a row a picture. "
                f"Received: {faces.shape}"
            )
        there = ~np.isnan(faces).all(axis=1)
        seen = faces[there]
        if not ((seen >= 0).all() and (np.abs(seen.sum(axis=1) - 1) < 1e-3).all()):
            raise EmoError(
                "faces: expected rows of 0 to 1 that add up to 1, or of NaN. "
                f"Received: {seen[:3].tolist()}"
            )
        if self.hard_faces:
            seen = np.eye(_CLASSES)[seen.argmax(axis=1)]
        evidence = np.zeros((count, _CLASSES))
        evidence[there] = np.log(seen @ self.face_probabilities.T)
        return evidence

    def unknown(self, labels: Iterable[str]) -> set[str]:
        """Returns those of the labels that the network does not know."""
        return set(labels) - self._index.keys()

    def check_vocabulary(self, vocabulary: Collection[str], *, source: str) -> None:
        """Checks that labels come from a labeller like the one that the network was fitted to.

        Args:
            vocabulary: The labels that the labeller gives; nothing is checked where it gave none.
            source: What they come from, for the error.

        Raises:
            EmoError: The network knows less than a tenth of them.
        """
        vocabulary = set(vocabulary)
        known = len(vocabulary) - len(self.unknown(vocabulary))
        if known < LEAST_OVERLAP * len(vocabulary):
            raise EmoError(
                f"{source}: expected labels of the labeller that the network was fitted to, at "
                f"least a tenth of them known to it. Received: {known} of {len(vocabulary)} known"
            )

    def save(self, path: Path) -> None:
        """Writes the network as JSON, whole or not at all."""
        values = {
            "prior": self.prior.tolist(),
            "temper": self.temper,
            "absent": self.absent,
            "hard_faces": self.hard_faces,
            "fit": dict(self.fit),
            "face_probabilities": self.face_probabilities.tolist(),
            "label_probabilities": {
                label: row.tolist()
                for label, row in zip(self.labels, self.label_probabilities, strict=True)
            },
        }
        write_class_file(path, values, kind=FORMAT)

    @classmethod
    def read(cls, path: Path) -> "SceneNetwork":
        """Reads what `save` wrote.

        Raises:
            EmoError: The file is missing or holds something else, or another order of classes.
        """
        expected = "a network that `emo-tf scenes fit` wrote"
        values = read_class_file(Path(path), kind=FORMAT, expected=expected)
        with in_place(str(path)):
            try:
                tables = values["label_probabilities"]
                return cls(
                    labels=tuple(tables),
                    label_probabilities=np.array(list(tables.values()), float),
                    face_probabilities=np.array(values["face_probabilities"], float),
                    prior=np.array(values["prior"], float),
                    temper=float(values["temper"]),
                    absent=_switch("absent", values),
                    hard_faces=_switch("hard_faces", values),
                    fit=dict(values["fit"]),
                )
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
                if isinstance(error, EmoError):
                    raise
                raise EmoError(f"expected the tables of a network. Received: {error!r}") from error


def _switch(name: str, values: Mapping[str, object]) -> bool:
    if not isinstance(values[name], bool):
        raise EmoError(f"{name}: expected true or false. Received: {values[name]!r}")
    return values[name]


def _probabilities(name: str, values: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """Returns probabilities as floats after a look at their shape and range."""
    values = np.asarray(values, float)
    if values.shape != shape:
        raise EmoError(f"{name}: expected shape {shape}. Received: {values.shape}")
    if not ((values > 0) & (values < 1)).all():
        raise EmoError(
            f"{name}: expected values above 0 and below 1. Received: {values.min()} to "
            f"{values.max()}"
        )
    return values
