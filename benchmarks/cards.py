"""Cards and reliability diagrams of the shipped models, from the reports of their exports.

python -m benchmarks.cards
"""

import json

import numpy as np

from benchmarks.common import REPOSITORY
from emo_tf.export.classes import RELIABILITY
from emo_tf.export.model_card import model_card
from emo_tf.files import replace_whole
from emo_tf.plots import binned_reliability_figure, save_figure
from emo_tf.runtime.litert import LiteRTModel

NAMES = ("expression", "expression_tsm")
WEIGHTS = REPOSITORY / "emo_tf" / "weights"
IMAGES = REPOSITORY / "docs" / "images"
_LINK = "[ACCEPTABLE_USE.md](../../ACCEPTABLE_USE.md)"


def shipped_card(name: str) -> str:
    """Returns the card of a shipped model, which names its files as they are shipped.

    The SavedModel was measured beside them and is not shipped.

    Args:
        name: One of `NAMES`.
    """
    report = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    card = model_card(report, LiteRTModel(WEIGHTS / f"{name}_float16.tflite").metadata)
    named = card.replace("`model_", f"`{name}_").replace("`saved_model`, ", "", 1)
    return named.replace("`ACCEPTABLE_USE.md`", _LINK)


def draw_reliability(name: str) -> None:
    """Draws accuracy against confidence of a shipped float16 file, into the pages' pictures."""
    report = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    bins = report["files"]["float16"]["classes"]["reliability"]
    sums = (np.array(bins[column]) for column in RELIABILITY)
    figure = binned_reliability_figure(*sums, title=f"{name}_float16.tflite")
    save_figure(figure, IMAGES / f"reliability_{name}.png")


if __name__ == "__main__":
    for model in NAMES:
        with replace_whole(WEIGHTS / f"{model}.md") as path:
            path.write_text(shipped_card(model), "utf-8")
        draw_reliability(model)
