"""The product as a whole, behind its gateway."""
