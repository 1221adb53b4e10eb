"""The tracking service as this one sees it: its proto, nothing else of it."""
