"""Predictions in the `.mat` files that evaluations of EMOTIC in MATLAB read."""

from pathlib import Path

import numpy as np

from emo_tf.training.emotic_predictions import EmoticPredictions


def write_mat_files(predictions: EmoticPredictions, folder: Path, *, split: str) -> list[Path]:
    """Writes `{split}_{cat,cont}_{preds,labels}.mat`.

    Each holds one variable that bears the file's name without the split: `cat_preds` and
    `cat_labels` of shape (26, N), `cont_preds` and `cont_labels` of shape (3, N), 1 to 10. All are
    doubles, as in the files of the published PyTorch implementation.

    Args:
        predictions: Of the people of the split.
        folder: Where to write, a folder that exists.
        split: `val`, `test` or another.

    Returns:
        The four files.
    """
    from scipy.io import savemat

    variables = {
        "cat_preds": predictions.scores,
        "cat_labels": predictions.labels,
        "cont_preds": predictions.vad,
        "cont_labels": predictions.vad_labels,
    }
    paths = []
    for name, values in variables.items():
        paths.append(Path(folder) / f"{split}_{name}.mat")
        savemat(paths[-1], {name: values.T.astype(np.float64)})
    return paths
