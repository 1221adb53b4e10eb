"""A dashboard as Grafana's JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from development.dashboard.parts import Panel, Question

#: Grafana 9 and newer read it.
SCHEMA_VERSION: Final = 37
TITLE: Final = "Attendance"
#: Of the dashboard, in its address.
UID: Final = "astegni-attendance"
#: Prometheus, under the uid of deploy/monitoring/grafana/provisioning/datasources.
DATASOURCE: Final = {"type": "prometheus", "uid": "prometheus"}
#: Grafana divides a screen into 24 columns; four graphs fit beside each other.
COLUMNS: Final = 24
PANEL_WIDTH: Final = 6
PANEL_HEIGHT: Final = 7
ROW_HEIGHT: Final = 1
#: Processor time, memory and connections of days look like a line; an hour shows an incident.
SHOWN: Final = "now-1h"
#: Values come each 15 s.
REFRESH: Final = "30s"


def dashboard(questions: Sequence[Question]) -> dict[str, Any]:
    """Return the dashboard: what fires, and then a row for each question."""
    return {
        "uid": UID,
        "title": TITLE,
        "tags": ["astegni"],
        "schemaVersion": SCHEMA_VERSION,
        "time": {"from": SHOWN, "to": "now"},
        "refresh": REFRESH,
        "timezone": "utc",
        "panels": [{**panel, "id": number} for number, panel in enumerate(_panels(questions), start=1)],
    }


def _panels(questions: Sequence[Question]) -> Iterator[dict[str, Any]]:
    yield _firing()
    top = PANEL_HEIGHT
    for question in questions:
        yield {
            "type": "row",
            "title": question.text,
            "collapsed": False,
            "gridPos": _place(0, top, COLUMNS, ROW_HEIGHT),
        }
        top += ROW_HEIGHT
        for number, panel in enumerate(question.panels):
            line, column = divmod(number, COLUMNS // PANEL_WIDTH)
            place = _place(column * PANEL_WIDTH, top + line * PANEL_HEIGHT, PANEL_WIDTH, PANEL_HEIGHT)
            yield _graph(panel, place)
        top += -(-len(question.panels) // (COLUMNS // PANEL_WIDTH)) * PANEL_HEIGHT


def _firing() -> dict[str, Any]:
    return {
        "type": "table",
        "title": "Alerts that fire",
        "description": "docs/runbooks says what to do about each.",
        "datasource": DATASOURCE,
        "gridPos": _place(0, 0, COLUMNS, PANEL_HEIGHT),
        "targets": [
            {
                "refId": "A",
                "datasource": DATASOURCE,
                "expr": 'ALERTS{alertname!="Watchdog"}',
                "instant": True,
                "format": "table",
            }
        ],
        "transformations": [{"id": "organize", "options": {"excludeByName": {"Time": True, "Value": True}}}],
    }


def _graph(panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    custom = {"thresholdsStyle": {"mode": "off" if panel.limit is None else "line"}}
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": place,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": custom,
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "options": {"legend": {"showLegend": True, "displayMode": "list", "placement": "bottom"}},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": DATASOURCE,
                "expr": query.expression,
                "legendFormat": query.legend,
            }
            for number, query in enumerate(panel.queries)
        ],
    }


def _place(left: int, top: int, width: int, height: int) -> dict[str, int]:
    return {"x": left, "y": top, "w": width, "h": height}
