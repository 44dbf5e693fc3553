"""The widget's files: for any site, as modules, from nowhere else."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.gateway.api_client import Answer, Api

REPOSITORY = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def widget(settings: Settings, tmp_path: Path) -> Path:
    """A widget of the test's own."""
    settings.WIDGET_DIR = tmp_path
    (tmp_path / "src" / "view").mkdir(parents=True)
    (tmp_path / "src" / "support-chat.js").write_text("export const x = 1;\n" * 100)
    (tmp_path / "src" / "view" / "panel.js").write_text("export {};\n")
    (tmp_path / "src" / "styles.css").write_text(":host { color: black; }\n")
    (tmp_path / "src" / "types.d.ts").write_text("type X = 1;\n")
    (tmp_path / "src" / ".hidden.js").write_text("secret\n")
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "example").mkdir()
    (tmp_path / "example" / "index.html").write_text("<!doctype html><title>Charity</title>")
    (tmp_path / "example" / "site.css").write_text("body { margin: 0; }\n")
    return tmp_path


async def _get(path: str, **headers: str) -> Answer:
    return await Api().get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})


async def test_modules_are_served_to_any_site() -> None:
    """With the type browsers ask of a module, and a short life in caches."""
    answer = await _get("/widget/v1/support-chat.js", Origin="https://anywhere.example")
    assert answer.status == 200
    assert answer.response["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.response["Access-Control-Allow-Origin"] == "*"
    assert answer.response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.response["Cache-Control"] == "public, max-age=300"
    assert answer.response["X-Content-Type-Options"] == "nosniff"
    assert (await _get("/widget/v1/view/panel.js")).status == 200
    assert (await _get("/widget/v1/styles.css")).response["Content-Type"].startswith("text/css")


async def test_comments_and_indentation_are_cut_from_modules_and_nothing_else(widget: Path) -> None:
    """What families pay for is the code; the widget's own tests serve by the same rule."""
    source = (
        "/** What. */\nconst a = 1; // stays\n\n  /**\n   * Two\n   * lines.\n   */\n  // gone\n"
        '  f("/** stays */");\n\tg(`x\n  y`);\n'
    )
    for path in ("src/view/cut.js", "example/whole.js"):
        (widget / path).write_text(source)
    sent = await _get("/widget/v1/view/cut.js")
    assert sent.raw == b'const a = 1; // stays\nf("/** stays */");\ng(`x\ny`);\n'
    assert (await _get("/example/whole.js")).raw == source.encode()


async def test_the_real_widget_is_as_light_as_it_says(settings: Settings) -> None:
    """Every module as the desk sends it, together, those that come on demand included."""
    settings.WIDGET_DIR = REPOSITORY / "widget"
    folder = REPOSITORY / "widget" / "src"
    total = 0
    for module in folder.rglob("*.js"):
        path = f"/widget/v1/{module.relative_to(folder).as_posix()}"
        sent = await _get(path, Accept_Encoding="gzip")
        assert sent.status == 200
        total += len(sent.raw)
    assert total <= 48_000


async def test_an_unchanged_file_is_not_sent_again(widget: Path) -> None:
    """304 by its ETag, and a new one once it was edited."""
    first = await _get("/widget/v1/support-chat.js")
    etag = first.response["ETag"]
    again = await _get("/widget/v1/support-chat.js", If_None_Match=etag)
    assert (again.status, again.raw) == (304, b"")
    (widget / "src" / "support-chat.js").write_text("export const x = 2;\n")
    edited = await _get("/widget/v1/support-chat.js", If_None_Match=etag)
    assert (edited.status, edited.raw) == (200, b"export const x = 2;\n")


async def test_it_is_compressed_for_those_who_can_read_it() -> None:
    """Most families are on a phone."""
    plain = await _get("/widget/v1/support-chat.js")
    zipped = await _get("/widget/v1/support-chat.js", Accept_Encoding="gzip, br")
    assert zipped.response["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.raw) == plain.raw
    assert "Accept-Encoding" in zipped.response["Vary"]
    assert zipped.response["ETag"] != plain.response["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "/widget/v1/nothing.js",
        "/widget/v1/../package.json",
        "/widget/v1/%2e%2e/package.json",
        "/widget/v1/..%2fpackage.json",
        "/widget/v1//etc/passwd",
        "/widget/v1/types.d.ts",
        "/widget/v1/.hidden.js",
        "/widget/v1/view",
        "/widget/v1/view/",
        "/widget/v1/a%00.js",
        "/widget/v2/support-chat.js",
        "/example/../src/support-chat.js",
    ],
)
async def test_nothing_else_is_served(path: str) -> None:
    """Only the files meant for browsers, from their own folder."""
    assert (await _get(path)).status == 404


async def test_links_do_not_lead_out(widget: Path) -> None:
    """Neither by a symbolic link."""
    (widget / "src" / "out.js").symlink_to(widget / "package.json")
    assert (await _get("/widget/v1/out.js")).status == 404


async def test_the_example_page_has_a_strict_policy() -> None:
    """It shows what an embedding site may do, too."""
    page = await _get("/")
    assert (page.status, page.response["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = page.response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (await _get("/example/site.css")).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_files_can_only_be_read(method: str) -> None:
    """405."""
    assert (await Api().call(method, "/widget/v1/support-chat.js")).status == 405
