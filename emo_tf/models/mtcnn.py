"""The three networks of the MTCNN face detector: proposal, refinement and output network.

They differ from the published description in form alone: what a cascade at rest can fold away is
folded into the weights (see `emo_tf.export.mtcnn`). The pixels come in as they are, 0 to 255; one
logit stands for the two classes, as their softmax is the sigmoid of the logits' difference.

The first two networks score the same face in many neighbouring windows, nearly alike, and the best
window decides where the next network looks. Rounding a resampled picture to whole grey levels
changes which one that is and moves landmarks by up to 4 % of a face's width. So these two also
take a `fraction`: 256ths of a grey level, as pixels of their own.

Reference:
    Zhang et al. 2016, "Joint face detection and alignment using multitask cascaded convolutional
    networks", figure 2.
"""

import math

import keras
from keras import layers


def proposal_network() -> keras.Model:
    """Builds P-Net, which looks for faces of 12 x 12 pixels everywhere at a stride of 2.

    Returns:
        A functional model from `image` and `fraction` (B, H, W, 3) to a dict of `logit`
        (B, H', W', 1) and `box` (B, H', W', 4), with H' = ceil((H - 2) / 2) - 4 and W' alike.
    """
    inputs, x = _fine_image(None)
    x = _convolution(x, 10, kernel=3, name="conv1")
    x = layers.MaxPooling2D(2, padding="same", name="pool1")(x)
    x = _convolution(x, 16, kernel=3, name="conv2")
    x = _convolution(x, 32, kernel=3, name="conv3")
    outputs = {
        "logit": layers.Conv2D(1, 1, name="logit")(x),
        "box": layers.Conv2D(4, 1, name="box")(x),
    }
    return keras.Model(inputs, outputs, name="mtcnn_pnet")


def refinement_network() -> keras.Model:
    """Builds R-Net, which sifts P-Net's candidates.

    Returns:
        A functional model from `image` and `fraction` (B, 24, 24, 3) to a dict of `logit` (B, 1)
        and `box` (B, 4).
    """
    inputs, x = _fine_image(24)
    x = _convolution(x, 28, kernel=3, name="conv1")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool1")(x)
    x = _convolution(x, 48, kernel=3, name="conv2")
    x = layers.MaxPooling2D(3, strides=2, name="pool2")(x)
    x = _convolution(x, 64, kernel=2, name="conv3")
    x = _dense(x, 128, name="dense4")
    outputs = {
        "logit": layers.Dense(1, name="logit")(x),
        "box": layers.Dense(4, name="box")(x),
    }
    return keras.Model(inputs, outputs, name="mtcnn_rnet")


def output_network() -> keras.Model:
    """Builds O-Net, which decides and finds the landmarks.

    Returns:
        A functional model from `image` (B, 48, 48, 3) to a dict of `logit` (B, 1), `box` (B, 4),
        `landmarks` (B, 10), five pairs of x and y, and `features` (B, 256), the last hidden layer.
    """
    image = keras.Input((48, 48, 3), name="image")
    x = _convolution(image, 32, kernel=3, name="conv1")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool1")(x)
    x = _convolution(x, 64, kernel=3, name="conv2")
    x = layers.MaxPooling2D(3, strides=2, name="pool2")(x)
    x = _convolution(x, 64, kernel=3, name="conv3")
    x = layers.MaxPooling2D(2, padding="same", name="pool3")(x)
    x = _convolution(x, 128, kernel=2, name="conv4")
    features = _dense(x, 256, name="dense5")
    outputs = {
        "logit": layers.Dense(1, name="logit")(features),
        "box": layers.Dense(4, name="box")(features),
        "landmarks": layers.Dense(10, name="landmarks")(features),
        "features": features,
    }
    return keras.Model(image, outputs, name="mtcnn_onet")


def _fine_image(side: int | None):
    image = keras.Input((side, side, 3), name="image")
    fraction = keras.Input((side, side, 3), name="fraction")
    share = layers.Rescaling(1 / 256, name="share")(fraction)
    inputs = {"image": image, "fraction": fraction}
    return inputs, layers.Add(name="fine_image")([image, share])


def _convolution(x, filters: int, *, kernel: int, name: str):
    x = layers.Conv2D(filters, kernel, name=name)(x)
    return layers.PReLU(shared_axes=[1, 2], name=f"{name}_prelu")(x)


def _dense(x, units: int, *, name: str):
    # A shape that leaves only the batch open converts to one operation, that of Flatten to four.
    x = keras.ops.reshape(x, (-1, math.prod(x.shape[1:])))
    x = layers.Dense(units, name=name)(x)
    return layers.PReLU(name=f"{name}_prelu")(x)
