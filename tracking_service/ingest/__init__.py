"""Ingest: what comes in over streams and calls, on its way to one group-committing writer (DESIGN 6)."""
