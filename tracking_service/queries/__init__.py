"""Queries: what is known, for people and for other services."""
