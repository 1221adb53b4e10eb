"""What the service does for a caller: suggest, decide, browse."""
