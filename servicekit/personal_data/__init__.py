"""What is known of a person: declared by each service for its tables, exported and erased at an operator's command."""
