"""What the service does for its callers: suggest, decide, list, report."""
