"""Settings from the environment and logging."""
