"""From the journal to facts."""
