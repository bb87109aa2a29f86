"""Predictions of one served model, for requests as TF Serving's REST API has them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emo_tf.errors import EmoError, in_place
from emo_tf.runtime.litert import SIGNATURE, LiteRTModel
from emo_tf.runtime.picture_requests import BOX_XYWH, BYTES_SIGNATURE, IMAGE_BYTES, PictureRequests
from emo_tf.runtime.tensor_spec import TensorSpec
from emo_tf.serve.json_arrays import is_readable, read_rows
from emo_tf.serve.predict_request import PredictRequest
from emo_tf.serve.requested_pictures import BOX, RequestedPictures
from emo_tf.serve.signature import STRINGS, Signature

_BYTES_AT_A_TIME = 1 << 22
_ROWS_AT_A_TIME = 32
"""Inputs that go through a network together, at most: its memory grows with them."""

_OPEN_SIDE = 64
"""Length for a first run where a network takes any."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class _Asked:
    number: int
    request: PredictRequest
    inputs: Arrays


class Predictor:
    """Answers requests for predictions with a model file.

    `serving_default` takes arrays as the file does; `serve_bytes` takes picture files, for the
    models whose SavedModel has it (see `runtime.picture_requests`). What several requests ask goes
    through the network together where the shapes agree.

    Args:
        file: A `.tflite` file that carries its metadata.
        name: Under which it is served.
        version: Its number.
        workers: Threads that ask it; each has an interpreter of its own, of one thread.
        max_pixels: Limit on width times height of a picture.
        max_instances: Most examples that one request may hold.

    Attributes:
        file, name, version: As given.
        metadata: What the file says about the model.

    Raises:
        EmoError: The file cannot be read or run, or takes what JSON cannot hold.

    Example:
        >>> predictor = Predictor(path, name="expression", version=1, workers=1, max_pixels=10**7)
        >>> body = b'{"signature_name": "serve_bytes", "instances": [{"b64": "iVBORw0KGgo..."}]}'
        >>> predictor.answer(0, [body])
        [b'{"predictions":[[0.01,0.0,0.02,0.9,0.01,0.03,0.03]]}']
    """

    def __init__(
        self,
        file: Path,
        *,
        name: str,
        version: int,
        workers: int,
        max_pixels: int,
        max_instances: int = 128,
    ):
        self.file, self.name, self.version = Path(file), name, version
        self._networks = [LiteRTModel(self.file, threads=1) for _ in range(workers)]
        network = self._networks[0]
        self.metadata = network.metadata
        self._inputs = network.inputs
        self._check_tensors()
        self._max_instances = max_instances
        self._signatures = {SIGNATURE: Signature(SIGNATURE, network.inputs, network.outputs)}
        requests = PictureRequests.of(self.metadata, path=self.file)
        if requests is not None:
            self._check_names()
            self._pictures = RequestedPictures(requests, max_pixels=max_pixels)
            taken = {IMAGE_BYTES: TensorSpec(STRINGS, (-1,))}
            if requests.takes_box:
                taken[BOX_XYWH] = BOX
            self._signatures[BYTES_SIGNATURE] = Signature(BYTES_SIGNATURE, taken, network.outputs)

    @property
    def signatures(self) -> tuple[str, ...]:
        """Names of the signatures that requests can call."""
        return tuple(self._signatures)

    def answer(self, worker: int, requests: Sequence[bytes]) -> list[bytes | EmoError]:
        """Answers the bodies of requests.

        Args:
            worker: Number of the thread that asks, from 0.
            requests: JSON bodies.

        Returns:
            For each request the body of its answer, or what is wrong with it.
        """
        answers: dict[int, bytes | EmoError] = {}
        together = defaultdict(list)
        for number, body in enumerate(requests):
            try:
                asked = self._read(number, body)
            except EmoError as error:
                answers[number] = error
            else:
                shapes = tuple(array.shape[1:] for array in asked.inputs.values())
                together[shapes].append(asked)
        for group in together.values():
            for asked, outputs in zip(group, self._run_all(worker, group), strict=True):
                failed = isinstance(outputs, EmoError)
                answers[asked.number] = outputs if failed else asked.request.answer(outputs)
        return [answers[number] for number in range(len(requests))]

    def warm_up(self) -> None:
        """Lets each worker's interpreter answer once, as the first answer takes longest.

        Raises:
            EmoError: One cannot.
        """
        example = {
            name: np.zeros(
                [1, *(_OPEN_SIDE if side < 0 else side for side in spec.shape[1:])], spec.dtype
            )
            for name, spec in self._inputs.items()
        }
        for network in self._networks:
            network(**example)

    def describe(self) -> dict:
        """Returns what TF Serving's REST API says of a model, and under `emo_tf` what ours adds."""
        about = self.metadata
        signatures = {name: its.describe() for name, its in self._signatures.items()}
        return {
            "model_spec": {
                "name": self.name,
                "signature_name": "",
                "version": str(self.version),
            },
            "metadata": {"signature_def": {"signature_def": signatures}},
            "emo_tf": {
                "task": about.task,
                "description": about.description,
                "labels": list(about.labels),
                "thresholds": dict(about.thresholds),
                "score_kind": about.score_kind,
                "outputs": dict(about.outputs),
                "weights": about.version,
                "licence": about.licence,
            },
        }

    def _check_tensors(self) -> None:
        """Checks that requests can hold what the file takes, and that its batch is open or 1."""
        for name, spec in self._inputs.items():
            if not is_readable(spec) or spec.shape[:1] not in ((-1,), (1,)):
                raise EmoError(
                    f"{self.file}: expected inputs of uint8, whole numbers or float32 for any "
                    f"number of examples, or for one. Received: {name}, {spec.dtype} of shape "
                    f"({spec.sides})"
                )

    def _check_names(self) -> None:
        """Checks that pictures can be made what the file takes."""
        said = {*self.metadata.inputs, *self.metadata.arrays}
        if said != set(self._inputs):
            raise EmoError(
                f"{self.file}: expected a network that takes {', '.join(sorted(said))}, as its "
                f"metadata say. Received: one that takes {', '.join(sorted(self._inputs))}"
            )

    def _read(self, number: int, body: bytes) -> _Asked:
        request = PredictRequest.read(
            body, signatures=self._signatures, max_instances=self._max_instances
        )
        if request.signature.name == BYTES_SIGNATURE:
            made = self._pictures.inputs(request)
            # In the order of the file, so that they can go together with others.
            return _Asked(number, request, {name: made[name] for name in self._inputs})
        inputs = {}
        for name, spec in self._inputs.items():
            inputs[name] = self._rows(request, name, spec)
        return _Asked(number, request, inputs)

    def _rows(self, request: PredictRequest, name: str, spec: TensorSpec) -> np.ndarray:
        rows = request.values[name]
        try:
            return read_rows(rows, spec, name=name)
        except EmoError:
            # To say which; the rows of an open side can be wrong only beside each other.
            for number, row in enumerate(rows):
                with in_place(request.place(number)):
                    read_rows([row], spec, name=name)
            raise

    def _run_all(self, worker: int, group: Sequence[_Asked]) -> list[Arrays | EmoError]:
        """Runs the network on what several requests ask, of the same shapes."""
        inputs = {
            name: np.concatenate([asked.inputs[name] for asked in group]) for name in self._inputs
        }
        try:
            outputs = self._run(self._networks[worker], inputs)
        except EmoError as error:
            if len(group) == 1:
                return [error]
            return [found for asked in group for found in self._run_all(worker, [asked])]
        found, first = [], 0
        for asked in group:
            last = first + asked.request.count
            found.append(self._checked({name: rows[first:last] for name, rows in outputs.items()}))
            first = last
        return found

    def _run(self, network: LiteRTModel, inputs: Arrays) -> Arrays:
        row_bytes = sum(array[0].nbytes for array in inputs.values())
        step = max(1, min(_ROWS_AT_A_TIME, _BYTES_AT_A_TIME // row_bytes))
        if any(spec.shape[0] == 1 for spec in self._inputs.values()):
            step = 1
        count = len(next(iter(inputs.values())))
        parts = [
            network(**{name: array[start : start + step] for name, array in inputs.items()})
            for start in range(0, count, step)
        ]
        outputs = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        for name, rows in outputs.items():
            if len(rows) != count:
                raise EmoError(
                    f"{self.file.name}: expected {name} for each of {count} examples. "
                    f"Received: {len(rows)}"
                )
        return outputs

    def _checked(self, outputs: Arrays) -> Arrays | EmoError:
        """Returns what the network answered to a request, or that JSON cannot hold it."""
        for name, rows in outputs.items():
            if not np.isfinite(rows).all():
                return EmoError(
                    f"{self.name}: expected an answer of finite numbers. "
                    f"Received: {name} that is not finite; the network cannot answer these inputs"
                )
        return outputs
