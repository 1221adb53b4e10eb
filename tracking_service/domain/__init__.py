"""The presence rules (docs/presence.md): pure functions over immutable values, without clock, database or gRPC."""
