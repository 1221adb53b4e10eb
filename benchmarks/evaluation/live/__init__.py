"""The evaluation's dealings with the real services: rows of the platform, events in, suggestions out."""
