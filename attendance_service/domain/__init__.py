"""The rules of attendance as pure functions over frozen values (docs/suggestions.md, docs/decisions.md)."""
