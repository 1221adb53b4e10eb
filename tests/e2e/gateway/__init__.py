"""The gateway: a real Envoy in front of a server that plays both services."""
