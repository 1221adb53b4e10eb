"""Demo data: people and lessons as the platform would write them, and connections that are really streamed."""
