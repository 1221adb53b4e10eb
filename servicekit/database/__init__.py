"""PostgreSQL: connections with the service's own role, transient errors, the clock, and migrations."""
