"""Owns libespeak-ng, called through ctypes: a sentence in, samples with the times of words and phonemes out.

The library keeps global state, so there is one voice box per process.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LIBRARY = "libespeak-ng.so.1"
_SYNCHRONOUS = 2
_PHONEME_EVENTS = 1
_CHARACTER_POSITION = 1
_UTF8 = 1
_EVENT_END = 0
_EVENT_WORD = 1
_EVENT_PHONEME = 7
_RATE, _PITCH, _PITCH_RANGE = 1, 3, 4


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True)
class Voice:
    """An espeak-ng voice: name in its file form ("gmw/en-US+f2"), words a minute, pitch and pitch range 0 to 99."""

    name: str
    rate: int = 150
    pitch: int = 50
    pitch_range: int = 50


@dataclass(frozen=True)
class WordEvent:
    """A word begins: place of its first character in the text, and sample at the library's rate."""

    character: int
    sample: int


@dataclass(frozen=True)
class PhonemeEvent:
    """A phoneme begins; pauses have no name or one that starts with an underscore."""

    name: str
    sample: int

    @property
    def is_pause(self) -> bool:
        return self.name == "" or self.name.startswith("_")


@dataclass(frozen=True)
class Speech:
    """What was spoken: int16 samples [n] at VoiceBox.sample_rate, and its events in order."""

    samples: NDArray[np.int16]
    words: list[WordEvent]
    phonemes: list[PhonemeEvent]


class VoiceBox:
    """Speaks sentences, one at a time, about 900 times faster than real time."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(_LIBRARY)
        self.sample_rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS)
        if self.sample_rate <= 0:
            raise RuntimeError("libespeak-ng did not start: are its voices installed?")
        self._samples: list[NDArray[np.int16]] = []
        self._words: list[WordEvent] = []
        self._phonemes: list[PhonemeEvent] = []
        # ctypes keeps no reference of its own: without this one the library would call into freed memory.
        self._callback = _Callback(self._hear)
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, voice: Voice) -> Speech:
        """Speak one sentence."""
        self._samples, self._words, self._phonemes = [], [], []
        if self._library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice.name!r}")
        for parameter, setting in ((_RATE, voice.rate), (_PITCH, voice.pitch), (_PITCH_RANGE, voice.pitch_range)):
            self._library.espeak_SetParameter(parameter, setting, 0)
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, len(encoded), 0, _CHARACTER_POSITION, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        if not self._samples:
            raise RuntimeError(f"espeak-ng spoke nothing for {text!r}")
        return Speech(np.concatenate(self._samples), self._words, self._phonemes)

    def _hear(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        if count > 0 and samples:
            self._samples.append(np.ctypeslib.as_array(samples, (count,)).copy())
        number = 0
        while events[number].type != _EVENT_END:
            event = events[number]
            # Word events of length 0 come and go at random and name no word.
            if event.type == _EVENT_WORD and event.length > 0:
                self._words.append(WordEvent(max(0, event.text_position - 1), event.sample))
            elif event.type == _EVENT_PHONEME:
                name = bytes(event.id.string).split(b"\0")[0].decode("latin-1")
                self._phonemes.append(PhonemeEvent(name, event.sample))
            number += 1
        return 0
