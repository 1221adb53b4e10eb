"""The rules of attendance as pure functions over frozen values (DESIGN 7 and 8)."""
