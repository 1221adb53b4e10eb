"""docker compose on a real engine, for tests."""
