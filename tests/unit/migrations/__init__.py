"""How an existing table is judged."""
