"""The contract's methods: each parses, runs one use case and renders its result."""
