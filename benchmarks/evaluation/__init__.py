"""How often suggestions are right: `python -m benchmarks.evaluation` (docs/evaluation.md).

Simulated classes with a known truth are streamed through the real services, and what is suggested of them is compared
with the mark of a careful reviewer who knows the truth.
"""
