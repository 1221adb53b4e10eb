"""Complete programs that show how to use this product."""
