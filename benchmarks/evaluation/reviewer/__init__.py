"""What a careful reviewer who knows the truth says about a lesson, and what could be known of it at all.

Written from docs/suggestions.md alone; import-linter checks that nothing of the services is used.
"""
