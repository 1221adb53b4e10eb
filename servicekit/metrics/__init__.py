"""What Prometheus scrapes of a process (docs/metrics.md)."""
