import base64
import json

import pytest

from emo_tf.export.served_signature import ServedSignature


def metadata(**signatures: dict[str, tuple[str, list[int]]]) -> dict:
    """Returns what TensorFlow Serving would say of signatures."""

    def tensor(kind: str, shape: list[int]) -> dict:
        return {
            "dtype": kind,
            "tensor_shape": {
                "dim": [{"size": str(side), "name": ""} for side in shape],
                "unknown_rank": False,
            },
            "name": "",
        }

    inputs = {
        name: {"inputs": {key: tensor(*value) for key, value in signature.items()}}
        for name, signature in signatures.items()
    }
    return {"model_spec": {}, "metadata": {"signature_def": {"signature_def": inputs}}}


PIXELS = {"image": ("DT_UINT8", [-1, 48, 48, 1])}
FILES = {"image_bytes": ("DT_STRING", [-1]), "box_xywh": ("DT_FLOAT", [-1, 4])}


def test_files_come_before_arrays():
    chosen = ServedSignature.choose(metadata(serving_default=PIXELS, serve_bytes=FILES))
    assert chosen.name == "serve_bytes"
    assert chosen.takes_files
    body = json.loads(chosen.request(b"file", (10, 20, 30, 50), batch=2))
    instance = {
        "image_bytes": {"b64": base64.b64encode(b"file").decode()},
        "box_xywh": [10, 20, 20, 30],
    }
    assert body == {"signature_name": "serve_bytes", "instances": [instance, instance]}


def test_arrays_are_made_up_of_numbers_that_are_short():
    signature = {**PIXELS, "state_1": ("DT_FLOAT", [-1, 3])}
    chosen = ServedSignature.choose(metadata(serving_default=signature))
    assert not chosen.takes_files
    (instance,) = json.loads(chosen.request(b"", (0, 0, 1, 1), batch=1))["instances"]
    assert len(instance["image"]) == len(instance["image"][0]) == 48
    assert all(round(number, 3) == number for number in instance["state_1"])


@pytest.mark.parametrize(
    ("shape", "batches"),
    [([-1, 224, 224, 3], [1, 3]), ([-1, 8, 224, 224, 3], [1]), ([1, 48, 48, 1], [1])],
    ids=["pictures", "clips", "one"],
)
def test_no_request_is_larger_than_it_may_be(shape, batches):
    signature = {"image": ("DT_UINT8", shape)}
    assert ServedSignature.choose(metadata(serving_default=signature)).batches((1, 3)) == batches


def test_a_server_that_offers_nothing_is_an_error():
    with pytest.raises(KeyError):
        ServedSignature.choose(metadata())
