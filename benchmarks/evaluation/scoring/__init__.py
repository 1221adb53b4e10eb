"""How often each of the two ways is right, counted and printed."""
