"""What the repository promises about itself: its protos, its documents, its settings, its shape."""
