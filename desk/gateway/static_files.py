"""The widget's modules and the example page, straight from their sources: no build step."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils._os import safe_join
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

# What these folders may hold; anything else there is not for browsers.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_COMPRESSED = (".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt")
_SMALLEST_COMPRESSED_BYTES = 500

# Half of a module is said to its readers alone: comments and indentation stay here. The widget's
# own tests serve by the same rule, so what it does to the modules is proven in a browser.
_CUT = re.compile(
    rb"^[ \t]*/\*\*.*?\*/[ \t]*\n|^[ \t]*//[^\n]*\n|^[ \t]+|^\n", re.MULTILINE | re.DOTALL
)

_CACHE_WIDGET = "public, max-age=300"
_CACHE_PAGE = "no-cache"
_EXAMPLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class _File:
    media_type: str
    plain: bytes
    zipped: bytes | None
    etag: str


@require_safe
def widget_file(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a module of the widget; any site may load it, so that it can be embedded."""
    response = _serve(request, Path(settings.WIDGET_DIR) / "src", path, _CACHE_WIDGET)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def example_file(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a file of the example page."""
    return _with_policy(_serve(request, _example_folder(), path, _CACHE_PAGE))


@require_safe
def example_page(request: HttpRequest) -> HttpResponse:
    """Serve the example page of a charity that embeds the widget."""
    return _with_policy(_serve(request, _example_folder(), "index.html", _CACHE_PAGE))


def _example_folder() -> Path:
    return Path(settings.WIDGET_DIR) / "example"


def _with_policy(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = _EXAMPLE_POLICY
    return response


def _serve(request: HttpRequest, folder: Path, path: str, cache_control: str) -> HttpResponse:
    found = _find(folder, path)
    stat = found.stat()
    file = _read(str(found), stat.st_mtime_ns, stat.st_size)
    is_zipped = file.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{file.etag}-gz"' if is_zipped else f'"{file.etag}"'
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        content = file.zipped if is_zipped and file.zipped is not None else file.plain
        response = HttpResponse(content, content_type=file.media_type)
        if is_zipped:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    response["Cache-Control"] = cache_control
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _find(folder: Path, path: str) -> Path:
    try:
        found = Path(safe_join(str(folder), path))
    except (SuspiciousFileOperation, ValueError):
        raise Http404 from None
    is_served = found.suffix in _MEDIA_TYPES and not any(
        part.startswith(".") for part in Path(path).parts
    )
    # A link must not lead out of the folder either.
    if not is_served or not found.is_file() or folder.resolve() not in found.resolve().parents:
        raise Http404
    return found


@lru_cache(maxsize=200)
def _read(path: str, changed_at: int, size: int) -> _File:
    # Time and size are in the key so that an edited file is read anew.
    plain = Path(path).read_bytes()
    if Path(settings.WIDGET_DIR) / "src" in Path(path).parents and path.endswith(".js"):
        plain = _CUT.sub(b"", plain)
    is_worth_it = len(plain) >= _SMALLEST_COMPRESSED_BYTES and path.endswith(_COMPRESSED)
    return _File(
        media_type=_MEDIA_TYPES[Path(path).suffix],
        plain=plain,
        zipped=gzip.compress(plain, mtime=0) if is_worth_it else None,
        etag=hashlib.sha256(plain).hexdigest()[:16],
    )
