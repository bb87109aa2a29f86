"""Web pages: their files, read once, and their routes."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

INDEX = "index.html"
_FOLDER = "page"
# Tables of the machine may say otherwise.
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; media-src 'self' blob:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(self)",
    "Cache-Control": "no-cache",
}
"""Nothing from elsewhere is loaded, nothing is sent elsewhere, and nobody frames the page."""


@dataclass(frozen=True)
class PageFile:
    """A file of the page as it is sent: `content` of the type `media_type`."""

    content: bytes
    media_type: str


def add_page(app: FastAPI, package: str) -> None:
    """Adds a page at `/`, and its other files below.

    Args:
        app: The app.
        package: Whose page; see `page_files`.
    """

    def add_file(path: str, file: PageFile) -> None:
        async def page(request: Request) -> Response:
            return Response(file.content, headers=HEADERS, media_type=file.media_type)

        app.get(path, response_model=None, include_in_schema=False)(page)

    for name, file in sorted(page_files(package).items()):
        add_file("/" if name == INDEX else f"/{name}", file)


def page_files(package: str) -> dict[str, PageFile]:
    """Returns the files of a page by name: those of its package, and those that all pages share.

    Args:
        package: Full name of the package in whose folder `page` they lie.
    """
    return {
        item.name: PageFile(item.read_bytes(), _TYPES[Path(item.name).suffix])
        for owner in ("emo_tf.web", package)
        for item in (resources.files(owner) / _FOLDER).iterdir()
        if Path(item.name).suffix in _TYPES
    }
