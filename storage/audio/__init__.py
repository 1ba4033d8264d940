"""What a stranger's recording is and how long it lasts, found out by a process of its own."""
