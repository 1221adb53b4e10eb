"""Demo data: people and lessons as the platform would have them, and connection histories that are really streamed."""
