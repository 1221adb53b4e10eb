"""Grafana's dashboard, laid out by the questions that somebody on call has (docs/monitoring.md)."""
