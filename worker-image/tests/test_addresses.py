from __future__ import annotations

import ipaddress

import pytest

from bulk_transcribe_worker.addresses import AddressRefused, ControllerHosts, is_public, origin


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x", "https://10.1.2.3/x", "https://192.168.0.1/", "https://169.254.169.254/latest",
        "https://[::1]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "http://93.184.216.34/",
        "https://[64:ff9b::7f00:1]/", "ftp://example.org/x", "file:///etc/passwd", "https://user:pw@example.org/",
        "https:///x", "nonsense", "https://example.org:port/", "https://exa mple.org/", "https://bücher.example/",
        "https://controller.tunnel/x",
    ],
)  # fmt: skip
def test_what_is_not_public_https_is_refused_by_default(url: str) -> None:
    with pytest.raises(AddressRefused):
        ControllerHosts(()).check_url(url)


@pytest.mark.parametrize(
    ("names", "url"),
    [
        ((), "http://controller.tunnel/api"),
        ((), "https://example.org/x"),
        ((), "https://93.184.216.34/x"),
        (("127.0.0.1",), "http://127.0.0.1:9/x"),
        (("10.0.0.0/8",), "http://10.9.8.7/x"),
        (("app.local",), "http://app.local/x"),
        (("public", "app.local"), "https://example.org/x"),
    ],
)
def test_named_hosts_and_the_tunnel_are_allowed(names: tuple[str, ...], url: str) -> None:
    assert ControllerHosts(names).check_url(url).hostname


def test_naming_a_host_closes_all_others() -> None:
    with pytest.raises(AddressRefused):
        ControllerHosts(("app.local",)).check_url("https://example.org/x")


@pytest.mark.anyio
async def test_a_name_that_leads_inside_is_refused_when_it_is_dialled() -> None:
    with pytest.raises(AddressRefused):
        await ControllerHosts(()).resolve("localhost", 443)
    assert await ControllerHosts(("localhost",)).resolve("localhost", 443)
    assert "127.0.0.1" in await ControllerHosts(("127.0.0.0/8",)).resolve("localhost", 443)


@pytest.mark.parametrize(
    "address",
    [
        "2002:7f00:1::", "64:ff9b::a00:1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b:1::1", "2001::1", "224.0.0.1",
        "ff02::1", "fec0::1", "fe80::1", "fc00::1", "192.0.0.8", "192.88.99.1", "3fff::1", "100.64.0.1", "198.18.0.1",
        "0.0.0.0", "::", "169.254.169.254", "255.255.255.255",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_open_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_addresses_of_the_open_internet() -> None:
    for address in ("2606:4700::1111", "8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"):
        assert is_public(ipaddress.ip_address(address))


def test_one_controller_is_scheme_host_and_port() -> None:
    hosts = ControllerHosts(())
    assert origin(hosts.check_url("https://a.example/x")) == origin(hosts.check_url("https://a.example:443/y?z"))
    assert origin(hosts.check_url("https://a.example/x")) != origin(hosts.check_url("https://b.example/x"))
