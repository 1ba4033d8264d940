"""What sessiond keeps in MongoDB, and the only code that imports motor."""
