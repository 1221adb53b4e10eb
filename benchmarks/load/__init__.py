"""Heartbeats of many participants over streams, at as little cost to the sender as Python allows."""
