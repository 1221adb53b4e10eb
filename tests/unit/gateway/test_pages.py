"""The pages' files, by the paths at which they are served."""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path, PurePosixPath

import pytest

from gateway.pages import KEEP, REVALIDATE, Installation, WebFile, not_found_page, static_imports, web_files

PAGE = """<html data-time-zone="${TIME_ZONE}" data-languages="${LANGUAGES}" data-sign-in-url="${SIGN_IN_URL}">
${PRELOADS}
<script type="module" src="${ASSETS}/application.js"></script>"""
ENTRY = """import { one } from "./one.js";
import {
  two,
} from "./folder/two.js";
const later = import("./later.js");
"""
ENGLISH = """export const name = "English";
export const direction = "ltr";
export const notLoaded = "Not <yet>";
export const loadAgain = "Again";
export const needsScripts = "No scripts";

export default {};"""
ARABIC = """export const name = "العربية";
export const direction = "rtl";
export const notLoaded = "لا";
export const loadAgain = "مرة";
export const needsScripts = "نص";
"""
INSTALLATION = Installation(time_zone="Africa/Addis_Ababa", sign_in_url='/login?to="pages"')
#: Paths without a version.
FIXED = {"/", "/other", "/openapi.json", "/presence.js"}


@pytest.fixture
def web(tmp_path: Path) -> Path:
    files = {
        "index.html": PAGE,
        "other.html": "<html>",
        "openapi.json": "{}",
        "modules/presence.js": "export {};",
        "assets/application.js": ENTRY,
        "assets/one.js": "export const one = 1;",
        "assets/later.js": "",
        "assets/strings/en.js": ENGLISH,
        "assets/folder/two.js": 'export { one as two } from "../one.js";',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def by_path(web: Path) -> dict[str, WebFile]:
    return {file.path: file for file in web_files(INSTALLATION, web)}


def version(web: Path) -> str:
    return next(path for path in by_path(web) if path.startswith("/assets/")).split("/")[2]


def test_what_pages_have_in_common_is_put_into_each_and_filled_in(web: Path) -> None:
    (web / "parts").mkdir()
    (web / "parts" / "head.html").write_text('<link href="${ASSETS}/common.css">\n')
    (web / "other.html").write_text("<html>${HEAD}</html>")
    content = by_path(web)["/other"].content.decode()
    assert content == f'<html><link href="/assets/{version(web)}/common.css"></html>'
    assert set(by_path(web)) - {path for path in by_path(web) if path.startswith("/assets/")} == FIXED


def test_pages_and_modules_have_fixed_paths(web: Path) -> None:
    files = by_path(web)
    assert {path for path in files if not path.startswith("/assets/")} == FIXED
    assert {files[path].cache_control for path in FIXED} == {REVALIDATE}


def test_assets_may_be_cached_because_their_path_changes_with_any_content(web: Path) -> None:
    before = version(web)
    assert by_path(web)[f"/assets/{before}/folder/two.js"].cache_control == KEEP
    (web / "assets" / "later.js").write_text("// changed")
    assert version(web) != before


def test_the_same_files_have_the_same_version(web: Path) -> None:
    assert version(web) == version(web)


def test_a_page_preloads_what_its_script_imports_at_once_and_nothing_else(web: Path) -> None:
    page = by_path(web)["/"].content.decode()
    assets = f"/assets/{version(web)}"
    assert page.count("modulepreload") == 2
    assert f'<link rel="modulepreload" href="{assets}/one.js">' in page
    assert f'<link rel="modulepreload" href="{assets}/folder/two.js">' in page
    assert f'src="{assets}/application.js"' in page


def test_files_of_packages_are_cached_and_compressed_in_advance(web: Path) -> None:
    viewer = by_path(web)[f"/assets/{version(web)}/swagger-ui/swagger-ui-bundle.js"]
    assert (viewer.cache_control, viewer.content_encoding) == (KEEP, "gzip")
    assert b"SwaggerUIBundle" in gzip.decompress(viewer.content)


def test_a_page_knows_the_time_zone_of_its_dates(web: Path) -> None:
    assert 'data-time-zone="Africa/Addis_Ababa"' in by_path(web)["/"].content.decode()


def test_a_page_knows_every_language_that_there_is_a_file_of_strings_for(web: Path) -> None:
    (web / "assets" / "strings" / "ar.js").write_text(ARABIC)
    page = by_path(web)["/"].content.decode()
    found = re.search('data-languages="([^"]*)"', page)
    assert found
    assert json.loads(html.unescape(found[1])) == [
        {"code": "ar", "name": "العربية", "direction": "rtl"},
        {"code": "en", "name": "English", "direction": "ltr"},
    ]


def test_a_page_says_in_every_language_what_it_says_without_scripts(web: Path) -> None:
    (web / "assets" / "strings" / "ar.js").write_text(ARABIC)
    (web / "other.html").write_text("${NOT_LOADED}\n${NEEDS_SCRIPTS}")
    assert by_path(web)["/other"].content.decode().replace("</p><p", "</p>\n<p").splitlines() == [
        '<p lang="ar" dir="rtl">لا <a href="">مرة</a></p>',
        '<p lang="en" dir="ltr">Not &lt;yet&gt; <a href="">Again</a></p>',
        '<p lang="ar" dir="rtl">نص</p>',
        '<p lang="en" dir="ltr">No scripts</p>',
    ]


def test_a_page_knows_where_one_signs_in(web: Path) -> None:
    assert 'data-sign-in-url="/login?to=&quot;pages&quot;"' in by_path(web)["/"].content.decode()


def test_the_page_for_unknown_paths_is_at_no_path_of_its_own(web: Path) -> None:
    (web / "errors").mkdir()
    (web / "errors" / "not-found.html").write_text(PAGE)
    assert f"/assets/{version(web)}/one.js" in not_found_page(INSTALLATION, web).decode()
    assert not [path for path in by_path(web) if "not-found" in path]


def test_an_import_of_a_missing_file_is_an_error(web: Path) -> None:
    (web / "assets" / "one.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"one\.js"):
        static_imports(web / "assets", PurePosixPath("application.js"))
