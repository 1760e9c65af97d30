"""Owns bringing a finished transcript to the controller until it is acknowledged by its digest.

5xx and cuts are tried again with backoff for as long as the worker lives; a link that is not valid any more is
tried again when it was renewed; other refusals are final.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from bulk_transcribe_worker.addresses import AddressRefused, LeadsInside
from bulk_transcribe_worker.backoff import Backoff
from bulk_transcribe_worker.client import RETRYABLE, Client, header, read_answer
from bulk_transcribe_worker.config import Secret
from bulk_transcribe_worker.errors import JobErrorCode, JobFailed
from bulk_transcribe_worker.pulse import Pulse

_FOREVER = float("inf")
_LINK_CODES = ("LINK_EXPIRED", "LINK_INVALID")
NUDGE_SECONDS = 10.0


@dataclass(frozen=True)
class Form:
    """How Part 1 wants an upload: the fields beside its file, and what the file is called and is."""

    fields: dict[str, str]
    filename: str
    content_type: str


@dataclass(frozen=True)
class Parcel:
    """What is delivered, with the SHA-256 that is to be acknowledged. `form`: of a Part 1 upload, None for Part 2."""

    body: bytes
    sha256: str
    form: Form | None = None


class Delivery:
    """One transcript. `link` gives the newest link at each try; `wake` beats when links or the network changed."""

    def __init__(
        self,
        client: Client,
        token: Secret,
        link: Callable[[], str],
        wake: Pulse,
        waiting: Callable[[str], None],
    ) -> None:
        self._client = client
        self._token = token
        self._link = link
        self._wake = wake
        self._waiting = waiting
        self._backoff = Backoff(_FOREVER)

    async def run(self, parcel: Parcel) -> None:
        """Returns when the controller has the bytes for good. Raises JobFailed(DELIVERY_REFUSED)."""
        while True:
            link = self._link()
            try:
                reason = await self._try(link, parcel)
            except LeadsInside as error:
                reason = str(error)
            except AddressRefused as error:
                raise JobFailed(JobErrorCode.DELIVERY_REFUSED, str(error)) from error
            except RETRYABLE as error:
                reason = str(error).strip() or type(error).__name__
            if reason is None:
                return
            self._waiting(reason)
            if self._link() == link and await self._wake.wait(self._backoff.delay() or 30.0):
                self._backoff.progress()

    async def _try(self, link: str, parcel: Parcel) -> str | None:
        """None when it was acknowledged, else why it has to be tried again."""
        headers, body = _canonical(parcel) if parcel.form is None else _multipart(parcel.form, parcel.body)
        headers["Authorization"] = f"Bearer {self._token.reveal()}"
        async with self._client.stream("POST", link, headers, body) as answer:
            status, text = answer.status, await read_answer(answer)
            retry_after = header(answer, "retry-after")
        told = _object(text)
        code = told.get("code")
        if status == 200 and parcel.form is not None:
            return None
        if status == 200:
            return None if told.get("sha256") == parcel.sha256 else "the acknowledgement names another digest"
        if status in (408, 425, 429) or status >= 500:
            return f"the controller answered {status}" + (f", retry after {retry_after} s" if retry_after else "")
        if status in (401, 403) and (code in _LINK_CODES or code is None):
            return "the link is not valid any more; waiting for a new one"
        if status == 421:
            return "the controller does not serve this host: damaged on the way, or the link is of an earlier address"
        if code == "DIGEST_MISMATCH":
            return "the transcript was damaged on the way"
        message = str(told.get("error") or "no reason given")[:300]
        raise JobFailed(
            JobErrorCode.DELIVERY_REFUSED, f"The controller refused the transcript ({code or status}): {message}"
        )


async def nudge(client: Client, token: Secret, link: str, body: bytes) -> None:
    """Tells the controller that a job has ended. Once; it asks by itself anyway."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token.reveal()}"}
    try:
        async with client.stream("POST", link, headers, body, read_seconds=NUDGE_SECONDS) as answer:
            await read_answer(answer)
    except (AddressRefused, *RETRYABLE):
        return


def content_digest(sha256: str) -> str:
    """The `Content-Digest` of a body (RFC 9530) from its SHA-256 in hex."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode('ascii')}:"


def _canonical(parcel: Parcel) -> tuple[dict[str, str], bytes]:
    return {"Content-Type": "application/json", "Content-Digest": content_digest(parcel.sha256)}, parcel.body


def _multipart(form: Form, body: bytes) -> tuple[dict[str, str], bytes]:
    """The upload of Part 1: one file and some fields."""
    boundary = f"bt-{secrets.token_hex(16)}"
    parts: list[bytes] = []
    for name, value in form.fields.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode("ascii") + value.encode("utf-8") + b"\r\n")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{form.filename}"\r\n'
        f"Content-Type: {form.content_type}\r\n\r\n"
    )
    parts.append(head.encode("ascii") + body + f"\r\n--{boundary}--\r\n".encode("ascii"))
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}, b"".join(parts)


def _object(text: bytes) -> dict[str, object]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
