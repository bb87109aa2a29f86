"""EMOTIC's networks: a person's body and the whole scene, apart or joined.

Parts and layers that published weights go into bear the names of the torch modules.
"""

from collections.abc import Mapping, Sequence

import keras

from emo_tf.errors import EmoError, unknown_name
from emo_tf.labels import EMOTIC_CATEGORIES
from emo_tf.layers.blank_box import BlankBox
from emo_tf.model_metadata import ArrayInput, ImageInput, ModelMetadata
from emo_tf.models.backbones import BACKBONES
from emo_tf.models.fusion_head import SCORE_ACTIVATIONS, SCORE_SENTENCES, fusion_head
from emo_tf.models.normalisation import Normalisation, standardised
from emo_tf.models.registry import register

NORMALISATION = {
    "scene": Normalisation((0.4690646, 0.4407227, 0.40508908), (0.2514227, 0.24312855, 0.24266963)),
    "body": Normalisation((0.43832874, 0.3964344, 0.3706214), (0.24784276, 0.23621225, 0.2323653)),
}
"""Those of EMOTIC's training pictures as they were published, by branch."""

SIZES = {"scene": (224, 224), "body": (128, 128)}
"""Height and width in pixels, as Kosti et al. 2020 take them, by branch."""

BRANCHES = tuple(NORMALISATION)


@register("context_fusion")
def context_fusion(
    *,
    branches: Sequence[str] = BRANCHES,
    scene_backbone: str = "resnet18",
    body_backbone: str = "resnet18",
    scene_size: tuple[int, int] = SIZES["scene"],
    body_size: tuple[int, int] = SIZES["body"],
    scene_weights: str | None = None,
    body_weights: str | None = None,
    blank_person: bool = False,
    score_kind: str = "raw",
    categories_from: str = "hidden",
    units: int = 256,
    dropout: float = 0.5,
) -> keras.Model:
    """Builds a network from a person and the scene round them to categories and dimensions.

    Each branch is a backbone, the model `scene_backbone` or `body_backbone` inside; `head` joins
    their features. Backbones of torchvision's kind see pixels standardised by `NORMALISATION`,
    those of Keras see them as their own published weights want them; both inside the model.

    Args:
        branches: `("scene", "body")` for B+I of the paper, `("body",)` for B, `("scene",)` for I.
        scene_backbone: Name of a backbone.
        body_backbone: Name of a backbone.
        scene_size: Height and width of the scene in pixels.
        body_size: Height and width of the body in pixels.
        scene_weights: `"imagenet"` for Keras' own weights, where it has them; None for random ones.
        body_weights: As `scene_weights`.
        blank_person: Whether to paint the person out of the scene with its mean colour; the box
            comes as another input.
        score_kind: `"raw"`, as squared error wants it, or `"sigmoid"`, as cross-entropy does.
        categories_from: `"hidden"`, as published, or `"vad"`: see `fusion_head`.
        units: Width of the hidden layer, where there is one.
        dropout: Rate before the last layers.

    Returns:
        A functional model from a dict of `scene` (B, H, W, 3) and `body` (B, H', W', 3), RGB pixels
        of 0 to 255, those of them that have a branch, and `box` (B, 4) where the person is painted
        out: left edge, upper edge, width, height, as shares of the scene's width and height. To a
        dict of `score` (B, 26) in the order of `labels.EMOTIC_CATEGORIES` and `vad` (B, 3) on the
        scale of 1 to 10, both float32.

    Raises:
        EmoError: A branch, a backbone, a kind of score or of head is none there is, no branch is
            named or one twice, a backbone has no such weights or takes no picture that small, or
            a person is to be painted out of a scene that is not looked at.

    Reference:
        Kosti et al. 2020, "Context based emotion recognition using EMOTIC dataset".
    """
    _check_branches(branches, blank_person=blank_person)
    sizes = {"scene": scene_size, "body": body_size}
    names = {"scene": scene_backbone, "body": body_backbone}
    weights = {"scene": scene_weights, "body": body_weights}
    inputs, features = {}, {}
    for branch in [name for name in BRANCHES if name in branches]:
        backbone = BACKBONES.get(names[branch])
        height, width = sizes[branch]
        x = inputs[branch] = keras.Input((height, width, 3), name=branch)
        if branch == "scene" and blank_person:
            inputs["box"] = keras.Input((4,), name="box")
            fill = [255 * value for value in NORMALISATION["scene"].mean]
            x = BlankBox(fill, name="scene_without_person")(x, inputs["box"])
        if not backbone.takes_pixels:
            x = standardised(x, NORMALISATION[branch], name=f"{branch}_standardised")
        network = backbone.build(height=height, width=width, weights=weights[branch])
        network.name = f"{branch}_backbone"
        features[branch] = network(x)  # (B, D)
    head = fusion_head(
        {branch: x.shape[-1] for branch, x in features.items()},
        score_kind=score_kind,
        categories_from=categories_from,
        units=units,
        dropout=dropout,
    )
    return keras.Model(inputs, head(features), name="context_fusion")


def branch_sizes(
    *,
    branches: Sequence[str] = BRANCHES,
    scene_size: tuple[int, int] = SIZES["scene"],
    body_size: tuple[int, int] = SIZES["body"],
    **_: object,
) -> dict[str, tuple[int, int]]:
    """Returns height and width in pixels of what `context_fusion` of these arguments looks at.

    Args:
        branches: As in `context_fusion`, and so the sizes; its other arguments make no difference.
        scene_size: Height and width of the scene in pixels.
        body_size: Height and width of the body in pixels.
    """
    sizes = {"scene": tuple(scene_size), "body": tuple(body_size)}
    return {branch: sizes[branch] for branch in BRANCHES if branch in branches}


def score_kind_of(model: keras.Model) -> str:
    """Returns what the category scores of a `context_fusion` model are: `"raw"` or `"sigmoid"`."""
    activation = model.get_layer("head").get_layer("score").get_config()["activation"]
    return next(kind for kind, name in SCORE_ACTIVATIONS.items() if name == activation)


def context_metadata(
    model: keras.Model,
    *,
    version: str,
    thresholds: Mapping[str, float] | None = None,
    licence: str = "",
    provenance: Mapping[str, object] | None = None,
) -> ModelMetadata:
    """Returns what a `context_fusion` model says about itself.

    Args:
        model: The model.
        version: Version of its weights.
        thresholds: Thresholds on its scores by category, chosen on validation data.
        licence: SPDX name or a sentence.
        provenance: Where its weights come from.
    """
    kind = score_kind_of(model)
    sizes = {branch: model.input[branch].shape[1:3] for branch in BRANCHES if branch in model.input}
    box = ArrayInput(
        shape=(4,),
        description="the person in the scene: left edge, upper edge, width and height as shares of "
        "its width and height",
    )
    return ModelMetadata(
        name="context_fusion",
        task="emotic",
        description="Apparent emotion of a person in a scene: 26 categories, and valence, arousal "
        f"and dominance, from {' and '.join(sizes)}.",
        version=version,
        inputs={branch: ImageInput(*size) for branch, size in sizes.items()},
        outputs={
            "score": f"one a category, {SCORE_SENTENCES[kind]}",
            "vad": "valence, arousal and dominance, 1 to 10",
        },
        arrays={"box": box} if "box" in model.input else {},
        labels=EMOTIC_CATEGORIES,
        score_kind=kind,
        thresholds={label: float(value) for label, value in (thresholds or {}).items()},
        crop={"preset": "person", "blank_person": "box" in model.input},
        licence=licence,
        provenance=provenance or {},
    )


def _check_branches(branches: Sequence[str], *, blank_person: bool) -> None:
    for branch in branches:
        if branch not in BRANCHES:
            raise unknown_name("branch", branch, BRANCHES)
    if not branches or len(set(branches)) < len(branches):
        raise EmoError(f"branches: expected scene, body or both. Received: {tuple(branches)}")
    if blank_person and "scene" not in branches:
        raise EmoError(
            "blank_person: expected a scene to paint the person out of. "
            f"Received: branches={tuple(branches)}"
        )
