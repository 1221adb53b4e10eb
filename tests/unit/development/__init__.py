"""What `make` runs on a developer's machine."""
