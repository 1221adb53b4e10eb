"""Simulated classes: who was really present, the telemetry, and what went wrong. Pure functions of the seed."""
