"""Real browsers against everything running."""
