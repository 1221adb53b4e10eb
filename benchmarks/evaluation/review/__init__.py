"""How people and the replaced system would judge, by the rule table alone; nothing of the services is used."""
