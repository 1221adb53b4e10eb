"""`make up`: everything on one machine, supervised."""
