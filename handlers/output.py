"""What a command writes for whoever runs it."""

import sys


def counted(number: int, what: str) -> str:
    """Say how many there are: `1 user`, `2 users`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def say(text: str) -> None:
    """Write a line to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
