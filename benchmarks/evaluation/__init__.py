"""How often suggestions are right: `python -m benchmarks.evaluation` (docs/evaluation.md).

Simulated classes, whose truth is known, are streamed through the real services. The suggestions for them are compared
with the mark of a careful reviewer who knows the truth.
"""
