"""Real parts for tests and benchmarks: databases, services, Envoy and clients, started and stopped on demand."""
