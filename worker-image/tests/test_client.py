"""Whom the worker's own calls reach, whatever a name says from one moment to the next."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import pytest

from bulk_transcribe_worker.addresses import ControllerHosts, LeadsInside
from bulk_transcribe_worker.client import Client, read_answer
from bulk_transcribe_worker.identity import Instance
from bulk_transcribe_worker.tunnel import Tunnel

pytestmark = pytest.mark.anyio

URL = "https://controller.example/api/jobs/1/inputs/0"


class Net:
    """Stands where sockets are opened: notes what is dialled, and hangs up. `answers`: of the name, in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.dialled: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self.look_up)
        monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", self.connect)

    def look_up(self, host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.answers.pop(0)]

    async def connect(self, host: str, *_: Any) -> httpcore.AsyncNetworkStream:
        self.dialled.append(host)
        raise httpcore.ConnectError("refused")


def client(names: Iterable[str] = ()) -> Client:
    return Client(Tunnel(Instance("wb_1", "wi_1"), lambda: None), ControllerHosts(tuple(names)))


async def ask(asking: Client) -> None:
    async with asking.stream("GET", URL, {}) as answer:
        await read_answer(answer)


async def test_the_address_that_was_looked_at_is_the_one_that_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    # A name that is public when it is looked at and inside when it is looked up again (DNS rebinding).
    net = Net(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    asking = client()
    with pytest.raises(httpcore.ConnectError):
        await ask(asking)
    assert (net.dialled, net.answers) == (["93.184.216.34"], [["127.0.0.1"]])
    with pytest.raises(LeadsInside):
        await ask(asking)
    assert net.dialled == ["93.184.216.34"]
    await asking.aclose()


async def test_of_several_addresses_only_those_outside_are_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net(monkeypatch, ["10.0.0.5", "93.184.216.34", "::ffff:127.0.0.1", "8.8.8.8"])
    asking = client()
    with pytest.raises(httpcore.ConnectError):
        await ask(asking)
    assert net.dialled == ["93.184.216.34", "8.8.8.8"]
    await asking.aclose()


async def test_a_network_that_was_named_may_be_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Net(monkeypatch, ["10.0.0.5"])
    asking = client(["public", "10.0.0.0/8"])
    with pytest.raises(httpcore.ConnectError):
        await ask(asking)
    assert net.dialled == ["10.0.0.5"]
    await asking.aclose()
