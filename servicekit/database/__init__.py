"""PostgreSQL: connections with the service's own role, errors that can be retried told from those that can't."""
