from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest

from testkit.source_tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
RUNTIME = PROJECT["dependencies"]
DEVELOPMENT = PROJECT["optional-dependencies"]["development"]
LOCK_FILES = ("requirements.lock", "requirements-development.lock")
_PIN = re.compile(r"^([a-z0-9.-]+)==(\S+) \\$", re.MULTILINE)


@pytest.mark.parametrize("name", LOCK_FILES)
def test_a_lock_file_names_no_index_and_no_directory(name: str) -> None:
    assert (
        re.findall(r"^.*(?:://|--(?:extra-)?index-url|--find-links|--trusted-host).*$", _text(name), re.MULTILINE) == []
    )


@pytest.mark.parametrize("name", LOCK_FILES)
def test_every_pin_has_a_hash(name: str) -> None:
    assert [entry for entry in _entries(name) if "==" in entry and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(
    ("name", "required"), [("requirements.lock", RUNTIME), ("requirements-development.lock", RUNTIME + DEVELOPMENT)]
)
def test_every_dependency_is_locked(name: str, required: list[str]) -> None:
    assert {_project_name(requirement) for requirement in required} - _pins(name).keys() == set()


def test_every_direct_pin_is_a_dependency() -> None:
    direct = {entry.partition("==")[0] for entry in _entries(LOCK_FILES[-1]) if f"{PROJECT['name']} (" in entry}
    assert direct == {_project_name(requirement) for requirement in RUNTIME + DEVELOPMENT}


def test_both_lock_files_pin_the_same_versions() -> None:
    assert _pins("requirements.lock").items() <= _pins("requirements-development.lock").items()


def _text(name: str) -> str:
    return (ROOT / name).read_text()


def _entries(name: str) -> list[str]:
    """Return each package with its hashes and the comment on who needs it."""
    return re.split(r"\n(?=\S)", _text(name))


def _pins(name: str) -> dict[str, str]:
    return dict(_PIN.findall(_text(name)))


def _project_name(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ]", requirement)[0].lower().replace("_", "-")


def test_every_npm_package_is_pinned_with_a_hash_and_without_an_address() -> None:
    packages = _npm_packages()
    assert packages
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_npm_writes_no_address_into_its_lock_file() -> None:
    assert "omit-lockfile-registry-resolved=true" in _text(".npmrc").splitlines()


def test_every_npm_dependency_names_one_version() -> None:
    required = json.loads(_text("package.json"))["devDependencies"]
    assert required == {name: _npm_packages()[f"node_modules/{name}"]["version"] for name in required}


def _npm_packages() -> dict[str, Any]:
    packages: dict[str, Any] = json.loads(_text("package-lock.json"))["packages"]
    return {name: package for name, package in packages.items() if name}
