"""Who is calling: bearer tokens, the keys that verify them, and the principal they stand for (DESIGN 9)."""
