"""How an existing table is compared with the target."""
