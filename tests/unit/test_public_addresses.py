"""Only addresses of the public internet are connected to, whatever form others hide in."""

import socket

import pytest

from handlers.public_addresses import AddressRefused, PublicResolver, is_public
from tests.push_stub import Names


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1", "::127.0.0.1", "::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1",
        "64:ff9b::169.254.169.254", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001::1",
        "2001:db8::1", "3fff::1", "5f00::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1",
        "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
        "127.1", "2130706433", "0x7f.1", "localhost", "",
    ],
)  # fmt: skip
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "142.250.74.106", "2a00:1450:400f::200a", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"],
)
def test_what_is_public_is_not(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "127.0.0.1", "localhost"]
)
@pytest.mark.gen_test
async def test_the_system_may_read_a_host_as_it_likes(host: str) -> None:
    resolver = PublicResolver()
    try:
        with pytest.raises(AddressRefused):
            await resolver.resolve(host, 443)
    finally:
        resolver.close()


@pytest.mark.gen_test
async def test_one_address_inside_is_enough_to_refuse_a_name() -> None:
    names = Names(("8.8.8.8", "8.8.4.4"), ("8.8.8.8", "10.0.0.1"), ())
    try:
        found = await names.resolve("a.example", 443)
        for _ in range(2):
            with pytest.raises(AddressRefused):
                await names.resolve("a.example", 443)
    finally:
        names.close()

    assert found == [(socket.AF_INET, (one, 443)) for one in ("8.8.8.8", "8.8.4.4")]
