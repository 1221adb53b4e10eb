"""PostgreSQL: the platform's sessions, and the decisions about them. All SQL of this service stands here."""
