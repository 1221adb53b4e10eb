"""PostgreSQL: the platform's sessions, decisions and policies. All SQL of this service is in this package."""
