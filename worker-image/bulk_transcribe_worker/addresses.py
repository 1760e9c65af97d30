"""Owns whom the worker may call: the tunnel, and outside of it only what WORKER_CONTROLLER_HOSTS allows.

By default any public address over https. Loopback and private ranges only when named, so that a job request cannot
make the worker read its own network (SSRF). An address is checked after the name was resolved, and that very
address is then dialled.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import anyio.to_thread

TUNNEL_HOST = "controller.tunnel"
"""The name under which the controller is reached through the tunnel; it exists in no DNS."""

PUBLIC = "public"
"""In WORKER_CONTROLLER_HOSTS: any public address over https, beside the ones named."""

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_INSIDE: tuple[_Network, ...] = tuple(
    ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20")
)
"""Of nobody's internet, though older Pythons, or all, call them global: special use, relays, site-local, examples."""


class AddressRefused(Exception):
    """The worker does not call this address; the message says why, without the link itself."""


class LeadsInside(AddressRefused):
    """A name has no address that may be called, at this moment: what is finished is not given up for it."""


class ControllerHosts:
    """The rule, from names, addresses and networks (CIDR). Empty means `public`."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = {name for name in names if name != PUBLIC}
        self._networks = [network for name in self._names if (network := _network(name)) is not None]
        self._public = not names or PUBLIC in names

    def check_url(self, url: str) -> SplitResult:
        """The parts of a link that may be called. Raises AddressRefused."""
        if not url.isascii() or any(character <= " " for character in url):
            raise AddressRefused("A link holds characters that no URL may have.")
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise AddressRefused("A link is not a URL.") from None
        if parts.scheme not in ("http", "https") or not host:
            raise AddressRefused("A link must begin with http:// or https:// and name a host.")
        if parts.username is not None or parts.password is not None:
            raise AddressRefused("A link must not hold a user name.")
        if host == TUNNEL_HOST:
            if parts.scheme != "http":
                raise AddressRefused(f"The base of links through the tunnel is http://{TUNNEL_HOST}.")
            return parts
        if self._is_named(host):
            return parts
        literal = _address(host)
        if not self._public or (literal is not None and not is_public(literal)):
            raise AddressRefused(f"This worker does not call {host}; name it in WORKER_CONTROLLER_HOSTS.")
        if parts.scheme != "https":
            raise AddressRefused(f"This worker calls {host} over https only.")
        return parts

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of `host` that may be dialled. Raises LeadsInside; OSError where it has none."""
        found = await anyio.to_thread.run_sync(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        texts = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
        if host.lower() in self._names:
            return texts
        allowed = [text for text in texts if self._may_dial(ipaddress.ip_address(text))]
        if not allowed:
            raise LeadsInside(f"{host} has no address that this worker calls; name it in WORKER_CONTROLLER_HOSTS.")
        return allowed

    def _is_named(self, host: str) -> bool:
        literal = _address(host)
        return host in self._names or (literal is not None and self._in_named_network(literal))

    def _may_dial(self, address: _Address) -> bool:
        return self._in_named_network(address) or (self._public and is_public(address))

    def _in_named_network(self, address: _Address) -> bool:
        return any(address in network for network in self._networks)


def is_public(address: _Address) -> bool:
    """Whether an address belongs to the open internet, also where it hides an IPv4 address inside."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _INSIDE):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port: what two links of one controller have in common."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, parts.hostname or "", port


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
