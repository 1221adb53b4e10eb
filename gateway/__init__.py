"""The gateway: one Envoy configuration, and the command that fits it to a place."""
