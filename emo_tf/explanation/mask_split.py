"""A functional model in two: what it makes of its inputs, and what a mask makes of that."""

import keras


def split_at_mask(model: keras.Model, mask: str) -> tuple[keras.Model, keras.Model]:
    """Parts a model where a mask comes in, so that many masks cost little more than one.

    Args:
        model: A functional model, which stays as it is; all its outputs depend on the mask.
        mask: Name of the input.

    Returns:
        A model from the same inputs to a dict of what the mask is joined with, and one from that
        and the mask to the outputs.
    """
    masked: set[int] = set()
    joined: dict[str, keras.KerasTensor] = {}

    def call(layer, *arguments, **keywords):
        given = [
            tensor
            for tensor in keras.tree.flatten((arguments, keywords))
            if isinstance(tensor, keras.KerasTensor)
        ]
        late = [tensor.name == mask or id(tensor) in masked for tensor in given]
        result = layer(*arguments, **keywords)
        if any(late):
            early = [tensor for tensor, is_late in zip(given, late, strict=True) if not is_late]
            joined.update({tensor.name: tensor for tensor in early})
            masked.update(id(tensor) for tensor in keras.tree.flatten(result))
        return result

    copy = keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
    before = keras.Model(copy.input, joined)
    after = keras.Model({**joined, mask: copy.input[mask]}, copy.output)
    return before, after
