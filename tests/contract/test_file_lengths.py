from __future__ import annotations

from testkit.source_tree import ROOT, text_files

MAX_LINES = 300
#: Written by hand, and read as a whole.
SUFFIXES = frozenset({".css", ".js", ".py"})
PRODUCTION = frozenset(
    {
        "attendance_service",
        "attendancectl",
        "benchmarks",
        "development",
        "examples",
        "gateway",
        "heartbeat_relay",
        "servicekit",
        "tracking_service",
    }
)
#: Dictionaries, in which words are looked up.
STRINGS = ROOT / "gateway" / "web" / "assets" / "strings"
FILES = [
    file
    for file in text_files()
    if file.suffix in SUFFIXES and file.relative_to(ROOT).parts[0] in PRODUCTION and STRINGS not in file.parents
]


def test_every_file_is_short_enough_to_be_read_as_a_whole() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in FILES}
    assert {file: length for file, length in lengths.items() if length > MAX_LINES} == {}
