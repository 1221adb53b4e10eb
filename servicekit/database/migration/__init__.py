"""Schema migrations, the part that both histories share: it knows no table."""
