"""Load processes and their clients, which cost the sender as little as Python allows."""
