"""Names are resolved here, and lead to the public internet or nowhere.

A connection is made to the very addresses that were checked, so a name that resolves
differently the next time gains nothing by it.
"""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from tornado.netutil import Resolver

THREADS: Final = 4

UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out to the public, before exceptions."""
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
ELSEWHERE: Final = (
    # 6to4: leads to whatever IPv4 address is written inside.
    ipaddress.IPv6Network("2002::/16"),
    # For documentation; not every Python knows it.
    ipaddress.IPv6Network("3fff::/20"),
)

Addresses = list[tuple[int, Any]]


class AddressRefused(Exception):
    """A name leads to an address that is not public."""


class PublicResolver(Resolver):
    """Resolves in threads of its own, so that a slow name server holds up nothing else."""

    def initialize(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> Addresses:
        """The addresses of a host, all of them public. Raises AddressRefused, OSError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self.look_up, host, port, family)
        refuse_private(found)
        return found

    def look_up(self, host: str, port: int, family: socket.AddressFamily) -> Addresses:
        """What the system says, unchecked."""
        answers = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        return [(kind, address) for kind, _, _, _, address in answers]


def refuse_private(found: Addresses) -> None:
    """Raise AddressRefused if any of the addresses is not public, or there is none.

    One is enough: a name that also leads inside is not one to be trusted.
    """
    if not found or not all(is_public(address[0]) for _, address in found):
        raise AddressRefused


def is_public(text: str) -> bool:
    """Say whether an IP address is one of the public internet, whatever form it hides in."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inside = _inside(address)
        if inside is None:
            outside = any(address in network for network in ELSEWHERE)
            return address in UNICAST and address.is_global and not outside
        address = inside
    return address.is_global and not address.is_multicast


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that the system, or a translator on the way, will connect to."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
