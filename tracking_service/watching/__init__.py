"""Who watches which session, and what they are to be told next."""
