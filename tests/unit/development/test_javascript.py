from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from development import javascript
from development.javascript import ROOT, NotInstalled


@pytest.fixture
def without_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a project on a machine that reaches no registry and has nothing cached."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    # No server listens on the discard port.
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    return tmp_path


def test_without_a_registry_the_check_does_not_run_and_the_reason_is_named(without_registry: Path) -> None:
    with pytest.raises(NotInstalled, match="ECONNREFUSED"):
        javascript.run("check", without_registry)


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_what_did_not_run_is_said_in_one_line_and_fails_in_continuous_integration(
    ci: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_command: str) -> int:
        raise NotInstalled("code ECONNREFUSED")

    monkeypatch.setattr(javascript, "run", refuse)
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr("sys.argv", ["javascript", "check"])
    assert javascript.main() == code
    (line,) = capsys.readouterr().err.splitlines()
    assert "`check` did not run" in line


def test_the_linter_refuses_undefined_names_unused_imports_and_import_circles() -> None:
    rules = json.loads((ROOT / "biome.json").read_text())["linter"]["rules"]
    assert rules["correctness"]["noUndeclaredVariables"] == "error"
    assert rules["correctness"]["noUnusedImports"] == "error"
    assert rules["suspicious"]["noImportCycles"] == "error"
