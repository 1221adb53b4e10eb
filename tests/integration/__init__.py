"""Parts together, on real PostgreSQL and real gRPC."""
