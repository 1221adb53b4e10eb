"""Real browsers with the whole platform."""
