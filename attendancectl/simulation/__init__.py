"""A live load on a running system: who does what when, and sending it."""
