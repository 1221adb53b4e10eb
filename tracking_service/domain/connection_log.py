"""whiteboard_sessions.connection_logs is a view for people, so it is kept short (docs/presence.md#tables).

Entries beyond the limit are *folded*: per participant, one entry says how many there were, and from when to when.
Activity is folded first, and of each kind the oldest. Entries that the platform wrote before this service was installed
are never folded: nothing else has what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeGuard

#: A lesson of an hour in which two people draw, type and erase all the time has some 700 entries, most have 20.
MAX_ENTRIES = 300
#: Folding rewrites the log, so it is done when this many have gathered.
MAX_UNFOLDED = 500

ACTIVITY = "activity"
FOLDED = "folded"

LogEntry: TypeAlias = dict[str, Any]


def folded(entries: Sequence[object]) -> list[object] | None:
    """Return a log with fewer entries; None if it is short enough."""
    if len(entries) <= MAX_UNFOLDED:
        return None
    own = [entry for entry in entries if _is_own(entry)]
    single = [entry for entry in own if entry["event"] != FOLDED]
    if len(single) <= MAX_UNFOLDED:
        return None
    single.sort(key=lambda entry: (entry["event"] != ACTIVITY, _time(entry)))
    excess, kept = single[:-MAX_ENTRIES], single[-MAX_ENTRIES:]
    of_platform = [entry for entry in entries if not _is_own(entry)]
    summaries = _summaries([*(entry for entry in own if entry["event"] == FOLDED), *excess])
    return [*of_platform, *summaries, *sorted(kept, key=_time)]


def _summaries(entries: Iterable[LogEntry]) -> list[LogEntry]:
    """Return one entry per participant that stands for all of theirs."""
    summaries: dict[tuple[object, object], LogEntry] = {}
    for entry in entries:
        participant = entry.get("user_id"), entry.get("user_type")
        summary = summaries.get(participant)
        summaries[participant] = _merged(summary, entry) if summary else _summary(entry)
    return sorted(summaries.values(), key=_time)


def _summary(entry: LogEntry) -> LogEntry:
    return {
        "user_id": entry.get("user_id"),
        "user_type": entry.get("user_type"),
        "event": FOLDED,
        "timestamp": entry["timestamp"],
        "until": entry.get("until", entry["timestamp"]),
        "count": entry.get("count", 1),
    }


def _merged(summary: LogEntry, entry: LogEntry) -> LogEntry:
    further = _summary(entry)
    return summary | {
        "timestamp": min(summary["timestamp"], further["timestamp"], key=datetime.fromisoformat),
        "until": max(summary["until"], further["until"], key=datetime.fromisoformat),
        "count": summary["count"] + further["count"],
    }


def _is_own(entry: object) -> TypeGuard[LogEntry]:
    """Return whether this service wrote an entry: its times have a time zone, those of the platform have none."""
    if not isinstance(entry, dict) or not isinstance(entry.get("event"), str):
        return False
    try:
        return datetime.fromisoformat(entry["timestamp"]).tzinfo is not None
    except (KeyError, TypeError, ValueError):
        return False


def _time(entry: LogEntry) -> datetime:
    return datetime.fromisoformat(entry["timestamp"])
