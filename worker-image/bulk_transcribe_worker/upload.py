"""Owns a recording that comes in the body of its request: multipart/form-data, streamed to disk, never held whole.

Only the part named `file` is written, under the name that the worker gave; all other parts are short texts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import anyio.to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from bulk_transcribe_worker.config import MIB
from bulk_transcribe_worker.errors import RefusalCode, Refused

FORM_BYTES = MIB
"""What a form may have beside its file."""
_MAX_FIELDS = 100
_MAX_FIELD_BYTES = 16 * 1024
_BLOCK_BYTES = 256 * 1024


@dataclass
class Form:
    """What arrived: `fields` in their order (a name may come again), and the file's name and size."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    filename: str = ""
    file_bytes: int | None = None

    def one(self, name: str) -> str:
        """The last value of a field, "" where it is missing."""
        return next((value for key, value in reversed(self.fields) if key == name), "").strip()

    def many(self, name: str) -> list[str]:
        """All values of a list, which clients name `name[]` or `name`."""
        return [value.strip() for key, value in self.fields if key in (name, f"{name}[]")]


async def receive_form(chunks: AsyncIterator[bytes], content_type: str, target: Path, max_bytes: int) -> Form:
    """Reads a form to its end; its file lies in `target` then. Raises Refused, and OSError where the disk is full."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:
        raise _bad("The body must be multipart/form-data")
    with open(target, "wb") as file:
        reader = _Reader(file, boundary, max_bytes)
        block = bytearray()
        async for chunk in chunks:
            block += chunk
            if len(block) >= _BLOCK_BYTES:
                await anyio.to_thread.run_sync(reader.take, bytes(block))
                block = bytearray()
        await anyio.to_thread.run_sync(reader.take, bytes(block))
    if not reader.ended:
        raise _bad("The body ends in the middle")
    if reader.form.file_bytes is None:
        raise _bad("The form has no field `file` with a recording")
    return reader.form


class _Reader:
    """The callbacks of the parser. Used by one thread at a time."""

    def __init__(self, file: BinaryIO, boundary: bytes, max_bytes: int) -> None:
        self.form = Form()
        self.ended = False
        self._file = file
        self._max_bytes = max_bytes
        self._name = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._field: str | None = None
        self._text = bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._head_end,
                "on_part_data": self._data,
                "on_part_end": self._end,
                "on_end": self._finish,
            },
        )

    def take(self, data: bytes) -> None:
        if not data:
            return
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _bad("The form cannot be read") from error

    def _begin(self) -> None:
        if len(self.form.fields) >= _MAX_FIELDS:
            raise _bad(f"The form has more than {_MAX_FIELDS} fields")
        self._headers, self._name, self._value = {}, b"", b""
        self._text = bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _head_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name == "file":
            if self.form.file_bytes is not None:
                raise _bad("The form has more than one file")
            self._field = None
            self.form.file_bytes = 0
            self.form.filename = options.get(b"filename", b"").decode("utf-8", "replace")[:4096]
        else:
            self._field = name

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is None:
            self.form.file_bytes = (self.form.file_bytes or 0) + end - start
            if self.form.file_bytes > self._max_bytes:
                raise Refused(RefusalCode.TOO_LARGE, f"This worker accepts files of up to {self._max_bytes // MIB} MB.")
            self._file.write(memoryview(data)[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _MAX_FIELD_BYTES:
            raise _bad(f"The field {self._field[:60]!r} is too long")

    def _end(self) -> None:
        if self._field is not None:
            self.form.fields.append((self._field, self._text.decode("utf-8", "replace")))

    def _finish(self) -> None:
        self.ended = True


def _bad(sentence: str) -> Refused:
    return Refused(RefusalCode.BAD_REQUEST, f"{sentence}.")
