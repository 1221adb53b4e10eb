"""The presence rules (DESIGN 5): pure functions over immutable values, without clock, database or gRPC."""
