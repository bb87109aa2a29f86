"""What a picture shows, told by Google's Cloud Vision."""

import numpy as np

from emo_tf.errors import EmoError
from emo_tf.runtime.encoding import encode_image
from emo_tf.runtime.label_choice import LabelChoice

TOP = 10
MIN_SCORE = 0.5
LONGEST_SIDE = 1600
TIMEOUT_S = 60.0
# Who is not let in with one picture is not with the next: HTTP's Unauthorized and Forbidden.
_NOT_LET_IN = (401, 403)
_EXPECTED = "expected labels from Google Vision"


class ServiceError(RuntimeError):
    """The service answers no picture, whichever it is."""


class GoogleLabeller:
    """Labels pictures by Google's Cloud Vision: they leave the machine, and calls cost money.

    A picture is sent upright as JPEG, its longer side at most 1600 pixels, without what else its
    file holds. The library comes with `pip install 'emo_tf[vision]'`; credentials are found as
    Google's libraries find them, such as by GOOGLE_APPLICATION_CREDENTIALS.

    Args:
        top: How many labels a picture gets at most.
        min_score: Smallest score of a label.

    Raises:
        EmoError: The library or the credentials are missing, or a setting is out of range.

    Example:
        >>> GoogleLabeller().label(read_image("team.jpg"))
        ('team', 'player', 'championship')
    """

    def __init__(self, *, top: int = TOP, min_score: float = MIN_SCORE):
        self._choice = LabelChoice(top, min_score)
        try:
            from google.api_core import exceptions as call_errors
            from google.auth import exceptions as credential_errors
            from google.cloud import vision
        except ImportError as error:
            raise EmoError(
                "Google Vision: expected the library google-cloud-vision, "
                f"`pip install 'emo_tf[vision]'`. Received: {error}"
            ) from error
        self._vision = vision
        self._call_errors, self._credential_errors = call_errors, credential_errors
        try:
            self._client = vision.ImageAnnotatorClient()
        except credential_errors.DefaultCredentialsError as error:
            raise EmoError(
                "Google Vision: expected credentials, by GOOGLE_APPLICATION_CREDENTIALS the file "
                f"of a service account's key. Received: {error}"
            ) from error

    def label(self, image: np.ndarray) -> tuple[str, ...]:
        """Labels one picture.

        Args:
            image: Upright RGB picture, uint8 (H, W, 3).

        Returns:
            Labels in lower case by falling score; none where no score is high enough.

        Raises:
            EmoError: The service refuses this picture, or fails on it.
            ServiceError: It does not let us in, or cannot be asked at all.
        """
        try:
            response = self._client.label_detection(
                image=self._vision.Image(content=encode_image(image, longest_side=LONGEST_SIDE)),
                max_results=self._choice.top,
                timeout=TIMEOUT_S,  # none at all otherwise
            )
        except self._call_errors.GoogleAPICallError as error:
            if error.code in _NOT_LET_IN:
                raise _service_error(error) from error
            raise EmoError(f"{_EXPECTED}. Received: {error}") from error
        except (
            self._call_errors.GoogleAPIError,
            self._credential_errors.GoogleAuthError,
        ) as error:
            raise _service_error(error) from error
        if response.error.message:
            raise EmoError(f"{_EXPECTED}. Received: {response.error.message}")
        return self._choice.of(
            (annotation.description.strip().lower(), annotation.score)
            for annotation in response.label_annotations
        )


def _service_error(error: Exception) -> ServiceError:
    return ServiceError(f"{_EXPECTED}. Received: {error}")
