"""What runs as a process of its own, so that its cost is measured apart."""
