"""What both services share: identity, errors, server life cycle, database, settings, clock."""
