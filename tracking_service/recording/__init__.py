"""Recording: what one transaction writes, for a flush of events or for silent intervals."""
