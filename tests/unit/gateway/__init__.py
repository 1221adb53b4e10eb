"""The gateway, without Envoy."""
