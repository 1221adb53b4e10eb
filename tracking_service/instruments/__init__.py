"""What the tracking service counts and times for Prometheus (docs/metrics.md)."""
