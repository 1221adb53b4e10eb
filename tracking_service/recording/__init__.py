"""Recording: what one transaction makes of a flush of events, and of silence."""
