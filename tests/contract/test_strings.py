"""Every word that the pages say is in `strings/`, so that a language is two files more."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from development.javascript import NODE
from testkit.source_tree import ROOT

WEB = ROOT / "gateway" / "web"
STRINGS = WEB / "assets" / "strings"
ENGLISH = STRINGS / "en.js"
#: The words of views that are loaded when they are needed, and the folders and files that may use them.
LATER = STRINGS / "views" / "en.js"
LOADED_LATER = {"claims", "join.js", "lesson", "live.js", "policies", "record", "reports", "week", "whiteboard"}
SCRIPTS = sorted(script for script in (WEB / "assets").rglob("*.js") if STRINGS not in script.parents)
PAGES = sorted(WEB.rglob("*.html"))
#: The forms of a string that counts something (Intl.PluralRules).
FORMS = {"zero", "one", "two", "few", "many", "other"}
COMMENT = re.compile(r"^\s*(?://|/?\*).*$", re.MULTILINE)
#: Double-quoted strings and templates, the only ones that are written here; a template may hold strings in turn.
QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
TEMPLATE = re.compile(r"`((?:[^`\\]|\\.)*)`")
INSERTED = re.compile(r"\$\{[^}]*\}")
#: What developers read, not users.
FOR_DEVELOPERS = re.compile(r"new (?:Type|Range)?Error\([^\n]*")
SENTENCE = re.compile(r"[A-Z][a-z]+ [a-z…]")
#: A word that an element is given as its content.
SHOWN_WORD = re.compile(r'\},\s*"([A-Z][a-z][^"]*)"')
#: What a page says before its script has run, or without one.
MARKED = re.compile(r'<\w+[^>]*? data-text="([^"]+)"[^>]*>([^<]*)<')
LABELLED = re.compile(r'<\w+[^>]*? aria-label="([^"]+)"([^>]*)>')
CONTENT = re.compile(r"<(?P<tag>[\w]+)(?P<attributes>[^>]*)>(?P<text>[^<]*[A-Za-z][^<]*)<")
#: Shown where no script runs, so no string can be put there.
WITHOUT_SCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)


def _exported(module: Path) -> dict[str, object]:
    """Return what a module of strings exports."""
    script = f'import strings from "{module.as_uri()}"; console.log(JSON.stringify(strings));'
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    exported: dict[str, object] = json.loads(done.stdout)
    return exported


def _leaves(key: str, content: object) -> Iterator[tuple[str, str]]:
    if isinstance(content, Mapping) and not (content and content.keys() <= FORMS):
        for name, part in content.items():
            yield from _leaves(f"{key}.{name}", part)
    else:
        yield key, str(content)


def _code(script: Path) -> str:
    return COMMENT.sub("", script.read_text())


def _literals(code: str) -> list[str]:
    """Return what is quoted, with `*` for what templates insert."""
    return [*QUOTED.findall(code), *(INSERTED.sub("*", template) for template in TEMPLATE.findall(code))]


def _named(file: Path) -> set[str]:
    """Return the keys, and patterns of keys, that a script or page names."""
    if file in PAGES:
        return set(re.findall(r'data-(?:text|label)="([^"]+)"', file.read_text()))
    return {literal for literal in _literals(_code(file)) if KEY.fullmatch(literal)}


def _keys(named: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of all keys that these names, in which `*` is any word, stand for."""
    return re.compile("|".join(re.escape(name).replace(r"\*", r"[\w-]+") for name in named))


AREAS_OF_VIEWS = _exported(LATER)
AREAS = {**_exported(ENGLISH), **AREAS_OF_VIEWS}
STRING = {key: string for area, content in AREAS.items() for key, string in _leaves(area, content)}
#: A key, or with `*` for what a template inserts, the pattern of several.
KEY = re.compile(rf"(?:{'|'.join(AREAS)})\.[\w.*-]+")
NAMED = {file: _named(file) for file in (*SCRIPTS, *PAGES)}


@pytest.mark.parametrize("file", NAMED, ids=lambda file: str(file.relative_to(WEB)))
def test_every_string_that_is_named_exists(file: Path) -> None:
    assert [named for named in NAMED[file] if not any(_keys([named]).fullmatch(key) for key in STRING)] == []


def test_every_string_is_said_somewhere() -> None:
    named = _keys(set().union(*NAMED.values()))
    assert [key for key in STRING if not named.fullmatch(key)] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.relative_to(WEB)))
def test_a_script_says_nothing_in_words_of_its_own(script: Path) -> None:
    code = FOR_DEVELOPERS.sub("", _code(script))
    assert [literal for literal in _literals(code) if SENTENCE.search(literal)] == []
    assert SHOWN_WORD.findall(code) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_says_before_its_script_runs_is_what_the_script_puts_there(page: Path) -> None:
    said = MARKED.findall(page.read_text())
    assert dict(said) == {key: STRING[key] for key, _ in said}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_nothing_that_no_string_replaces(page: Path) -> None:
    html = WITHOUT_SCRIPT.sub("", page.read_text())
    unmarked = [found["text"].strip() for found in CONTENT.finditer(html) if "data-text" not in found["attributes"]]
    assert [text for text in unmarked if text and not text.startswith("${")] == []
    assert [label for label, rest in LABELLED.findall(html) if "data-label" not in rest] == []


def test_words_of_views_that_are_loaded_later_are_used_in_those_views_alone() -> None:
    others = [script for script in SCRIPTS if not LOADED_LATER & set(script.relative_to(WEB).parts)]
    named = {(script.name, key) for script in others for key in _named(script)}
    assert sorted((name, key) for name, key in named if key.split(".")[0] in AREAS_OF_VIEWS) == []
