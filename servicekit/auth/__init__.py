"""Bearer tokens, the keys that verify them, and the principal that they identify (docs/identity.md)."""
