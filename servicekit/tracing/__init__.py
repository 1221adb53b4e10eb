"""OpenTelemetry traces, if a collector is set (docs/traces.md)."""
