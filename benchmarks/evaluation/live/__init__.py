"""The evaluation's use of the real services: rows of the platform, events, suggestions."""
