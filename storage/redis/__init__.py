"""What sessiond keeps in Redis, and the only code that speaks to it."""
