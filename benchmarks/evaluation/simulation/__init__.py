"""Classes that never were: who was there, what their telemetry looked like, and what went wrong. All of it pure."""
