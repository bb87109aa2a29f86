"""Model cards, from the figures that were measured."""

from collections.abc import Mapping, Sequence

from emo_tf.labels import EXPRESSIONS

_CARD = """# Expression model

Names the **apparent** expression of a cropped face: {labels}.
It describes how a face looks to annotators, not what a person experiences.

| | |
|---|---|
| Files | {files} |
| Input | `image`: uint8 grey pixels, (N, {side}, {side}, 1); normalisation is in the graph |
| Output | `probabilities`: (N, 7), softmax of the logits over the temperature {temperature:.3f} |
| Network | `{model}`, {parameters:.2f} million parameters: residual, with squeeze and excitation |
| From a photograph | {crop} (written into the files) |
| Licence | weights Apache-2.0; trained on FER2013, whose images are for research use |

## Data
FER2013 (Goodfellow et al. 2013): {training:,} pictures of Training to train on and {held_out:,}
set aside, by a hash of their pixels, to choose the epoch and the temperature. Pictures of Training
whose pixels occur in PublicTest were left out. The labels are noisy: people agree with them in
about 65 % of the cases.
{photographs}
## Recipe
{stages}

Every stage: SGD with Nesterov momentum, warm-up and a cosine to zero; random turns, zooms, shifts,
mirroring, shading, light, blur and erased rectangles; averaged weights; a single pass at test time.
{note}
## Measured on PublicTest ({public_test:,} pictures, for reporting only)
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


_PHOTOGRAPHS = """
{count} labelled photographs (github.com/muxspace/facial_expressions, Apache-2.0), mostly of public
figures and actors, with the faces cut out as the package cuts them. Few people, few pictures of
fear, and a notion of disgust of its own: what the model says about disgust leans on them.
"""


def _stage(number: int, config: Mapping) -> str:
    optimizer, warmup_epochs = config["optimizer"], config["schedule"]["warmup_epochs"]
    epochs = "1 epoch" if config["epochs"] == 1 else f"{config['epochs']} epochs"
    parts = [
        f"{number}. `emo-tf train {config['name']}`: {epochs} in batches of"
        f" {config['batch_size']};",
        f"   {_sides(config['resolutions'])};",
        f"   learning rate up to {optimizer['learning_rate']}, warm-up of"
        f" {warmup_epochs:g} epochs, weight decay {optimizer['weight_decay']},"
        f" averaging {optimizer['ema_decay']};",
        f"   label smoothing {config['label_smoothing']}",
    ]
    if config["photograph_repeats"]:
        parts[-1] += (
            f"; each photograph at least {config['photograph_repeats']} times an epoch, those of"
            " rarer classes more often"
        )
    if config["members"] > 1:
        parts[-1] += f"; the mean of {config['members']} such runs, each with a seed of its own"
    return "\n".join(parts)


def _sides(resolutions: Sequence) -> str:
    if len(resolutions) == 1:
        return f"{resolutions[0][1]} px"
    return ", ".join(f"{side} px from {share:.0%}" for share, side in resolutions) + " of the way"


def _figures(reports: Mapping[str, Mapping]) -> str:
    return "\n".join(
        f"| `expression_{name}.tflite` | {report['bytes'] / 1e6:.2f} MB "
        f"| {report['public_test']['accuracy']:.2%} "
        f"| {report['public_test_without_duplicates']['accuracy']:.2%} "
        f"| {report['public_test']['mean_recall']:.2%} "
        f"| {report['public_test']['expected_calibration_error']:.3f} |"
        for name, report in reports.items()
    )


def _recalls(recalls: Mapping[str, float | None]) -> str:
    return ", ".join(
        f"{name} {'not measured' if recall is None else f'{recall:.1%}'}"
        for name, recall in recalls.items()
    )


def _confusion(counts: list[list[int]]) -> str:
    header = f"| | {' | '.join(EXPRESSIONS)} |\n|{'---|' * (len(EXPRESSIONS) + 1)}"
    rows = (
        f"| **{name}** | {' | '.join(map(str, row))} |"
        for name, row in zip(EXPRESSIONS, counts, strict=True)
    )
    return "\n".join([header, *rows])


def expression_card(
    metrics: Mapping, reports: Mapping[str, Mapping], *, crop: Mapping, note: str = ""
) -> str:
    """Returns the model card of the expression model in Markdown.

    Args:
        metrics: The run's `metrics.json`.
        reports: What each file reaches, by precision; the first is the default.
        crop: How a face is cut out of a photograph.
        note: A remark on the run.
    """
    default, report = next(iter(reports.items()))
    count = metrics["photographs"]
    return _CARD.format(
        model=metrics["stages"][0]["model"],
        side=metrics["stages"][-1]["resolutions"][-1][1],
        public_test=report["public_test"]["examples"],
        photographs=_PHOTOGRAPHS.format(count=count) if count else "",
        stages="\n".join(
            _stage(number, stage) for number, stage in enumerate(metrics["stages"], 1)
        ),
        note=f"\n{note}\n" if note else "",
        labels=", ".join(EXPRESSIONS),
        files=", ".join(f"`expression_{name}.tflite`" for name in reports),
        temperature=metrics["temperature"],
        parameters=metrics["parameters"] / 1e6,
        crop=", ".join(f"{name} {value}" for name, value in crop.items()),
        training=metrics["training_examples"],
        held_out=metrics["held_out"]["examples"],
        figures=_figures(reports),
        default=default,
        recalls=_recalls(report["public_test"]["recall"]),
        confusion=_confusion(report["public_test"]["confusion"]),
    )
