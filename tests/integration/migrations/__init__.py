"""Both histories on real databases: empty ones, and the ones that customers have."""
