"""Which sessions reports speak of."""

from __future__ import annotations

#: A session `s` that was completed on one of the days from `:date_from` to `:date_to`; NULL sets no limit.
COMPLETED_IN_PERIOD = """lower(btrim(s.status)) = 'completed'
    AND (CAST(:date_from AS date) IS NULL OR s.session_date >= CAST(:date_from AS date))
    AND (CAST(:date_to AS date) IS NULL OR s.session_date <= CAST(:date_to AS date))"""
