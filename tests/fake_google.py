"""A package `google` with as much of Cloud Vision as the project uses, and no service behind it."""

from pathlib import Path

_FILES = {
    "google/__init__.py": "",
    "google/auth/__init__.py": "",
    "google/auth/exceptions.py": """
class GoogleAuthError(Exception): ...
class DefaultCredentialsError(GoogleAuthError): ...
class RefreshError(GoogleAuthError): ...
""",
    "google/api_core/__init__.py": "",
    "google/api_core/exceptions.py": """
class GoogleAPIError(Exception): ...
class RetryError(GoogleAPIError): ...
class GoogleAPICallError(GoogleAPIError):
    code = None
class Forbidden(GoogleAPICallError):
    code = 403
class ServiceUnavailable(GoogleAPICallError):
    code = 503
""",
    "google/cloud/__init__.py": "",
    "google/cloud/vision.py": '''
import os
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

from google.api_core import exceptions as call_errors
from google.auth.exceptions import DefaultCredentialsError, RefreshError
from PIL import Image as Picture

ANSWERS = {
    "red": [("Desert", 0.9), ("Sand Dune", 0.7), ("Sky", 0.2)],
    "green": [("Plant", 0.4), (" Forest ", 0.8)],
    "blue": [],
}


class Image:
    def __init__(self, content):
        self.content = content


class ImageAnnotatorClient:
    """Goes by the picture's colour; notes the size of each in a file."""

    def __init__(self):
        if "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ:
            raise DefaultCredentialsError("Your default credentials were not found.")

    def label_detection(self, image, *, max_results, timeout):
        picture = Picture.open(BytesIO(image.content))
        assert picture.format == "JPEG"
        with Path(os.environ["ASKED"]).open("a") as asked:
            print(*picture.size, file=asked)
        red, green, blue = (value > 127 for value in picture.convert("RGB").getpixel((0, 0)))
        errors = {
            (True, True, True): call_errors.ServiceUnavailable("503 try later"),
            (False, False, False): call_errors.Forbidden("403 billing is off"),
            (True, True, False): RefreshError("no longer valid"),
            (False, True, True): KeyboardInterrupt(),
            (True, False, True): call_errors.RetryError("deadline exceeded"),
        }
        if (red, green, blue) in errors:
            raise errors[red, green, blue]
        if picture.size == (1, 1):
            return SimpleNamespace(error=SimpleNamespace(message="Bad image data."))
        answer = ANSWERS["red" if red else "green" if green else "blue"]
        return SimpleNamespace(
            error=SimpleNamespace(message=""),
            label_annotations=[
                SimpleNamespace(description=label, score=score)
                for label, score in answer[:max_results]
            ],
        )
''',
}


def write_fake_google(folder: Path) -> Path:
    """Writes the package into a folder, to be put first on the path of modules.

    Its client wants GOOGLE_APPLICATION_CREDENTIALS to be set, whatever to, and notes the width and
    height of every picture that it is sent in the file that ASKED names. Red, green and blue
    pictures get labels; white ones a failure that passes, black, yellow and magenta ones the
    three kinds that do not; at a cyan one the user presses Ctrl-C. A single pixel is bad data.
    """
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
