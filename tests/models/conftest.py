"""What the tests of models share."""

import keras
import pytest


@pytest.fixture
def mixed_bfloat16():
    """Builds what the test builds in mixed precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)
