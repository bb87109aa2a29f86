"""Model cards, from the figures that were measured."""

from collections.abc import Mapping

from emo_tf.labels import EXPRESSIONS

_CARD = """# Expression model

Names the **apparent** expression of a cropped face: {labels}.
It describes how a face looks to annotators, not what a person experiences.

| | |
|---|---|
| Files | {files} |
| Input | `image`: uint8 grey pixels 0 to 255, (N, 48, 48, 1); normalisation is in the graph |
| Output | `probabilities`: (N, 7), softmax of the logits over the temperature {temperature:.3f} |
| Network | `{model}`, {parameters:.2f} million parameters: residual, with squeeze and excitation |
| From a photograph | {crop} (tuned on photographs; written into the files) |
| Licence | weights Apache-2.0; trained on FER2013, whose images are for research use |

## Data
FER2013 (Goodfellow et al. 2013): {training:,} pictures of Training to train on and {held_out:,}
set aside, by a hash of their pixels, to choose the epoch and the temperature. Pictures of Training
whose pixels occur in PublicTest were left out. The labels are noisy: people agree with them in
about 65 % of the cases.

## Recipe
`emo-tf train {name} --manual-dir DIR`

- {epochs} epochs in batches of {batch_size}; SGD with Nesterov momentum, weight decay
  {optimisation[weight_decay]}, {optimisation[warmup_epochs]:g} epochs of warm-up to a learning
  rate of {optimisation[peak_learning_rate]}, then a cosine to zero
- label smoothing {label_smoothing}; progressive resizing: {resolutions}
- random turns, zooms, shifts, mirroring, light and erased rectangles
- weights averaged with a decay of {optimisation[ema_decay]} a step; a single pass at test time

## Measured on PublicTest (3,589 pictures, for reporting only)
| file | size | accuracy | without Training's duplicates | mean recall | ECE (15 bins) |
|---|---|---|---|---|---|
{figures}

Recall by class ({default}): {recalls}.

Confusion ({default}; rows: labels, columns: predictions):

{confusion}

## Use
Intended: research on expressions, sorting one's own pictures, tools where a person checks the
outcome. Works best on frontal faces of 40 pixels and more.

Not for: decisions about people in work, education, insurance, policing or migration; inferring
what somebody experiences, intends or suffers from; recognising emotion at the workplace or at
school, which the EU's AI Act (Article 5) forbids; identifying people.

Known limits: fear, disgust, sadness and anger are often confused, with each other and with
neutral; dark pictures, faces in profile, glasses, hands and masks lower the accuracy; FER2013
comes from a picture search and leans to posed faces; accuracy by age, gender or skin has not been
measured, as the data carry no such labels.
"""


def _figures(reports: Mapping[str, Mapping]) -> str:
    return "\n".join(
        f"| `expression_{name}.tflite` | {report['bytes'] / 1e6:.2f} MB "
        f"| {report['public_test']['accuracy']:.2%} "
        f"| {report['public_test_without_duplicates']['accuracy']:.2%} "
        f"| {report['public_test']['mean_recall']:.2%} "
        f"| {report['public_test']['expected_calibration_error']:.3f} |"
        for name, report in reports.items()
    )


def _confusion(counts: list[list[int]]) -> str:
    header = f"| | {' | '.join(EXPRESSIONS)} |\n|{'---|' * (len(EXPRESSIONS) + 1)}"
    rows = (
        f"| **{name}** | {' | '.join(map(str, row))} |"
        for name, row in zip(EXPRESSIONS, counts, strict=True)
    )
    return "\n".join([header, *rows])


def expression_card(
    metrics: Mapping, reports: Mapping[str, Mapping], *, config: Mapping, crop: Mapping
) -> str:
    """Returns the model card of the expression model in Markdown.

    Args:
        metrics: The run's `metrics.json`.
        reports: What each file reaches, by precision; the first is the default.
        config: The run's `config.json`.
        crop: How a face is cut out of a photograph.
    """
    default, report = next(iter(reports.items()))
    shares = [f"from {share:.0%} of the epochs {side} px" for share, side in config["resolutions"]]
    return _CARD.format(
        **{key: config[key] for key in ("name", "model", "epochs", "batch_size", "optimisation")},
        label_smoothing=config["label_smoothing"],
        resolutions=", ".join(shares),
        labels=", ".join(EXPRESSIONS),
        files=", ".join(f"`expression_{name}.tflite`" for name in reports),
        temperature=metrics["temperature"],
        parameters=metrics["parameters"] / 1e6,
        crop=", ".join(f"{name} {value}" for name, value in crop.items()),
        training=metrics["training_examples"],
        held_out=metrics["held_out"]["examples"],
        figures=_figures(reports),
        default=default,
        recalls=", ".join(
            f"{name} {recall:.1%}" for name, recall in report["public_test"]["recall"].items()
        ),
        confusion=_confusion(report["public_test"]["confusion"]),
    )
