"""All instruments of a process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from tracking_service.instruments.able_to_record import AbleToRecord
from tracking_service.instruments.appending import AppendInstruments
from tracking_service.instruments.coverage import CoverageInstruments
from tracking_service.instruments.folding import FoldInstruments, SweepInstruments
from tracking_service.instruments.streams import StreamInstruments


class Instruments:
    """One for each part of the service that counts or times something."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Nothing is counted yet."""
        self.able = AbleToRecord(registry)
        self.appends = AppendInstruments(registry)
        self.coverage = CoverageInstruments(registry)
        self.folds = FoldInstruments(registry)
        self.streams = StreamInstruments(registry)
        self.sweeps = SweepInstruments(registry)
