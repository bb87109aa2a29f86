import keras
import numpy as np
import pytest

from emo_tf.export.full_precision import full_precision
from tests.small_context import SIZES, small_context_fusion


@pytest.fixture(params=["mixed_float16", "mixed_bfloat16", "float16"])
def half(request) -> keras.Model:
    """A model of body alone that was built in half precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    model = small_context_fusion(branches=("body",))
    keras.config.set_dtype_policy(before)
    return model


def types_of(model: keras.Model) -> set[str]:
    """Returns the types that the layers of a model compute in, and those of the models inside."""
    inner = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    return {layer.compute_dtype for layer in model.layers}.union(*map(types_of, inner))


def test_a_copy_computes_in_float32_with_the_same_weights(half):
    copy = full_precision(half)
    assert types_of(copy) == {"float32"} < types_of(half)
    assert [weight.path for weight in copy.weights] == [weight.path for weight in half.weights]
    for found, expected in zip(copy.get_weights(), half.get_weights(), strict=True):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, expected.astype(np.float32))
    bodies = np.random.default_rng(0).uniform(0, 255, (3, *SIZES["body"], 3)).astype(np.float32)
    found, expected = copy({"body": bodies}), half({"body": bodies})
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name], rtol=0.05, atol=0.05)
        assert np.abs(value - expected[name]).max() > 0
