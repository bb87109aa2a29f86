"""What training did with the examples that an export is measured on, in words."""

from collections.abc import Mapping

from emo_tf.export.exportable import REPORTING

TRAINED_ON = "training saw them, so that these figures say little of other pictures"
VALIDATED_ON = (
    "training chose its epoch or its temperature by them, so that other pictures may fare worse"
)
UNKNOWN = "whether training saw them is not known"


def use_of(split: str, provenance: Mapping[str, object]) -> str:
    """Returns what the examples of a split are for.

    Args:
        split: The split.
        provenance: What a model says of its training: `train_split` and `validation_split`.
    """
    trained, validated = (provenance.get(name) for name in ("train_split", "validation_split"))
    if trained is None:
        return UNKNOWN
    if split in trained.split("+"):
        return TRAINED_ON
    return VALIDATED_ON if split == validated else REPORTING
