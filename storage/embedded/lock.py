"""The lock that gives a data directory to one sessiond."""

import fcntl
import os
from pathlib import Path
from typing import Self

from storage.embedded.faults import DataDirBusy


class DataDirLock:
    """Held for as long as the process lives: the kernel drops it when the process dies."""

    def __init__(self, directory: Path, descriptor: int) -> None:
        self.directory = directory
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, data_dir: Path) -> Self:
        """Create the directory (0700) and lock it; DataDirBusy when somebody else has it."""
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        directory = data_dir.resolve()
        descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise DataDirBusy(
                f"{directory} is in use by another sessiond (process {holder})."
                " Stop that one, or give this one its own SESSIOND_DATA_DIR."
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(directory, descriptor)

    def release(self) -> None:
        """Let the next one in; releasing twice is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
