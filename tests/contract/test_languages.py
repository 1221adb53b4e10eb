"""Every language says what English says: the same keys, with the same names to fill in."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from development.javascript import NODE
from testkit.source_tree import ROOT

STRINGS = ROOT / "gateway" / "web" / "assets" / "strings"
ENGLISH = STRINGS / "en.js"
OTHERS = sorted(file for file in STRINGS.glob("*.js") if file != ENGLISH)
#: The forms of a string that counts something (Intl.PluralRules).
FORMS = {"zero", "one", "two", "few", "many", "other"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: The parts of the pages in a file of strings.
AREA = re.compile(r"^  (\w+): \{$", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]{2,}")
#: Said alike in every language: names of files, formats and programs.
SAME_EVERYWHERE = {"record.fileName"}
#: Amharic prefixes ("in", "from", "for", "of") glued to what is filled in, which may begin with one of its own.
GLUED_PREFIX = re.compile(r"(?<![\u1200-\u135a])[በከለየ]\{")
#: Punctuation of the Latin script after an Amharic word or a value.
LATIN_PUNCTUATION = re.compile(r"[\u1200-\u135a}][.,;:](?:\s|$)")
#: What the API says in English, which a translation says by its reasons.
API = "api."
ERRORS = (ROOT / "docs" / "errors.md").read_text()
REASON = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)
#: What node prints of a module of strings.
SCRIPT = """
import first, * as language from "{module}";
import later from "{views}";
const strings = {{ ...first, ...later }};
const {{ pluralCategories }} = new Intl.PluralRules("{code}").resolvedOptions();
const {{ default: _, ...facts }} = language;
console.log(JSON.stringify({{ strings, facts, pluralCategories }}));
"""


def _exported(module: Path) -> dict[str, object]:
    views = (module.parent / "views" / module.name).as_uri()
    script = SCRIPT.format(module=module.as_uri(), views=views, code=module.stem)
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    exported: dict[str, object] = json.loads(done.stdout)
    return exported


def _leaves(key: str, content: object) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each key with its forms; a string that counts nothing has one, named `other`."""
    if isinstance(content, str):
        yield key, {"other": content}
    elif isinstance(content, Mapping) and content.keys() <= FORMS:
        yield key, dict(content)
    elif isinstance(content, Mapping):
        for name, part in content.items():
            yield from _leaves(f"{key}.{name}" if key else name, part)


def _names(forms: Mapping[str, str]) -> set[str]:
    return {name for form in forms.values() for name in PLACEHOLDER.findall(form)}


def _facts(file: Path) -> dict[str, str]:
    facts = LANGUAGES[file]["facts"]
    assert isinstance(facts, dict)
    return facts


LANGUAGES = {file: _exported(file) for file in (ENGLISH, *OTHERS)}
ALL_TEXTS = {file: dict(_leaves("", exported["strings"])) for file, exported in LANGUAGES.items()}
TEXTS = {
    file: {key: forms for key, forms in texts.items() if not key.startswith(API)} for file, texts in ALL_TEXTS.items()
}
EVERY_LANGUAGE = pytest.mark.parametrize("file", LANGUAGES, ids=lambda file: file.stem)
EVERY_TRANSLATION = pytest.mark.parametrize("file", OTHERS, ids=lambda file: file.stem)


@EVERY_LANGUAGE
def test_a_language_says_what_it_is_called_and_in_which_direction_it_is_written(file: Path) -> None:
    facts = _facts(file)
    assert facts["name"]
    assert facts["direction"] in {"ltr", "rtl"}


@EVERY_TRANSLATION
def test_a_translation_says_what_pages_say_without_scripts(file: Path) -> None:
    facts, english = _facts(file), _facts(ENGLISH)
    assert {fact for fact in english if not facts.get(fact) or facts[fact] == english[fact]} <= {"direction"}


@EVERY_TRANSLATION
def test_a_translation_lacks_no_string_and_has_none_that_nobody_says(file: Path) -> None:
    english, texts = TEXTS[ENGLISH], TEXTS[file]
    assert {"missing": sorted(english.keys() - texts.keys()), "superfluous": sorted(texts.keys() - english.keys())} == {
        "missing": [],
        "superfluous": [],
    }


@EVERY_TRANSLATION
def test_a_translation_loads_the_same_words_later(file: Path) -> None:
    english, translated = (AREA.findall((STRINGS / "views" / name).read_text()) for name in (ENGLISH.name, file.name))
    assert translated == english


@EVERY_TRANSLATION
def test_a_translation_fills_in_the_same_names(file: Path) -> None:
    names = {key: (_names(forms), _names(TEXTS[file].get(key, {}))) for key, forms in TEXTS[ENGLISH].items()}
    assert {key: pair for key, pair in names.items() if pair[0] != pair[1]} == {}


@EVERY_LANGUAGE
def test_a_string_that_counts_has_the_forms_of_its_language(file: Path) -> None:
    wanted = LANGUAGES[file]["pluralCategories"]
    assert isinstance(wanted, list)
    counting = {key: forms for key, forms in TEXTS[file].items() if len(forms) > 1}
    assert {key: set(forms) for key, forms in counting.items() if set(forms) != set(wanted)} == {}


@EVERY_LANGUAGE
def test_no_string_is_empty(file: Path) -> None:
    assert [key for key, forms in TEXTS[file].items() if not all(form.strip() for form in forms.values())] == []


@EVERY_TRANSLATION
def test_no_string_was_left_in_english(file: Path) -> None:
    untranslated = [
        key
        for key, forms in TEXTS[file].items()
        if forms == TEXTS[ENGLISH].get(key) and WORD.search(PLACEHOLDER.sub("", forms["other"]))
    ]
    assert sorted(set(untranslated) - SAME_EVERYWHERE) == []


@pytest.mark.parametrize("slip", [GLUED_PREFIX, LATIN_PUNCTUATION], ids=["prefix", "punctuation"])
def test_amharic_glues_no_prefix_to_what_is_filled_in_and_has_its_own_punctuation(slip: re.Pattern[str]) -> None:
    texts = ALL_TEXTS[STRINGS / "am.js"]
    assert [key for key, forms in texts.items() if any(slip.search(form) for form in forms.values())] == []


@EVERY_TRANSLATION
def test_a_translation_has_a_sentence_for_every_reason_of_the_attendance_service(file: Path) -> None:
    service = ERRORS.split("## Attendance service")[1].split("\n## ")[0]
    said = {key.removeprefix(API) for key in ALL_TEXTS[file] if key.startswith(API)}
    assert sorted(set(REASON.findall(service)) - said) == []
    assert sorted(said - set(REASON.findall(ERRORS))) == []
