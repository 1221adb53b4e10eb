"""Load generators and what they measure: `python -m benchmarks` prints tables (docs/performance.md).

Nothing here is a timed test: figures are measured side by side and compared by people.
"""
