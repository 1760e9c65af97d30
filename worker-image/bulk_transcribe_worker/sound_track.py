"""Owns where decoded sound is laid: at the time that the recording's own clock gives it, with silence between.

What could not be decoded, and what the recording leaves out, therefore never shifts what comes after it. Imports PyAV,
so only the decoder's child process may import it; no numpy, whose import takes as long as decoding minutes.
"""

from __future__ import annotations

from typing import BinaryIO

from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from bulk_transcribe_worker.vad import SAMPLE_RATE, Span

JITTER_SECONDS = 0.1
"""Clocks of containers are coarse: a frame that is no further off than this follows the one before it."""
DAMAGE_JITTER_SECONDS = 0.005
"""The same, right after a packet that could not be decoded."""
SILENT_SECONDS = 1.0
"""A hole in a sound recording is worth a remark from here on; shorter ones are how codecs save bytes in pauses."""
FARTHEST_SECONDS = 4 * 3600.0
"""A clock that jumps further ahead is taken as broken where the container does not say how long the recording is."""
_CLOCK_SLACK_SECONDS = 2.0
_CHUNK_SAMPLES = 65_536
MAX_STRETCHES = 1000
"""Most stretches of a kind that are told apart."""
_BYTES = 2
"""Of one sample."""


class SoundTrack:
    """Takes frames in the order in which they were decoded and writes 16 kHz mono samples to `sink`.

    `stated`: seconds that the container says the recording has, or None. Holes are left as holes of the file, which
    read as zeros.
    """

    def __init__(self, sink: BinaryIO, stated: float | None, channel: int | None = None) -> None:
        """`channel`, from 0: it alone is taken, the last one where there are fewer; None: all of them together."""
        self._sink = sink
        self._channel = channel
        self._farthest = FARTHEST_SECONDS if stated is None else stated + _CLOCK_SLACK_SECONDS
        self._fifo = AudioFifo()
        self._resampler = self._make_resampler()
        self._form: tuple[str, str, int] | None = None
        self._anchor = 0
        """Sample of the output at which the present run of frames began."""
        self._taken = 0
        """Samples of that run, at its own rate."""
        self._written = 0
        self._shift = 0.0
        self._hurt_from: float | None = None
        self.damaged: list[Span] = []
        self.silent: list[Span] = []

    @property
    def reached(self) -> float:
        """Seconds of the recording up to which sound was laid."""
        return self._anchor / SAMPLE_RATE + (self._taken / self._form[2] if self._form else 0.0)

    @property
    def is_hurt(self) -> bool:
        """Whether what came last could not be decoded."""
        return self._hurt_from is not None

    @property
    def samples(self) -> int:
        """Samples in `sink` once `finish` was called."""
        return self._written

    def hurt(self) -> None:
        """What comes next in the recording could not be decoded."""
        if self._hurt_from is None:
            self._hurt_from = self.reached

    def add(self, frame: AudioFrame, time: float | None) -> None:
        """Lays a frame at `time` (seconds of the recording), or after the one before where it has none."""
        self._place(time)
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            self._end_run()
            self._form = form
        if frame.is_corrupt:
            _note(self.damaged, self.reached, self.reached + frame.samples / frame.sample_rate)
        self._taken += frame.samples
        # The run's place is known; the clock of single frames would make the resampler fill and cut by itself.
        frame.pts = None
        self._fifo.write(frame)
        if self._fifo.samples >= _CHUNK_SAMPLES:
            self._drain()

    def finish(self) -> None:
        """Writes what is left."""
        if self._hurt_from is not None:
            _note(self.damaged, self._hurt_from, self.reached)
        self._end_run()
        self._sink.truncate(self._written * _BYTES)

    def _place(self, time: float | None) -> None:
        at = self.reached if time is None else time + self._shift
        off = at - self.reached
        if abs(off) > (DAMAGE_JITTER_SECONDS if self._hurt_from is not None else JITTER_SECONDS):
            if off < 0 or at > self._farthest:
                # The clock began anew, or is broken: the sound goes on, and later times count from here.
                self._shift -= off
            else:
                if self._hurt_from is None and off >= SILENT_SECONDS:
                    _note(self.silent, self.reached, at)
                self._lay_silence(at)
        if self._hurt_from is not None:
            _note(self.damaged, self._hurt_from, self.reached)
            self._hurt_from = None

    def _lay_silence(self, until: float) -> None:
        self._end_run()
        self._written = self._anchor = max(self._written, round(until * SAMPLE_RATE))
        self._sink.seek(self._written * _BYTES)

    def _end_run(self) -> None:
        """What the fifo and the resampler still hold belongs before whatever comes next."""
        if self._form is None:
            return
        self._drain()
        for part in self._resampler.resample(None):
            self._write(part)
        self._fifo, self._resampler = AudioFifo(), self._make_resampler()
        self._form, self._taken, self._anchor = None, 0, self._written

    def _drain(self) -> None:
        frame = self._fifo.read(partial=True)
        if frame is not None:
            frame.pts = None
            for part in self._resampler.resample(frame):
                self._write(part)

    def _write(self, frame: AudioFrame) -> None:
        plane = frame.planes[min(self._channel or 0, len(frame.planes) - 1)]
        self._sink.write(memoryview(plane)[: frame.samples * _BYTES])
        self._written += frame.samples

    def _make_resampler(self) -> AudioResampler:
        if self._channel is None:
            return AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
        # Each channel in a plane of its own.
        return AudioResampler(format="s16p", rate=SAMPLE_RATE)


def _note(stretches: list[Span], start: float, end: float) -> None:
    """Adds a stretch; one that touches the last is the same one."""
    if stretches and start - stretches[-1].end < JITTER_SECONDS:
        stretches[-1] = Span(stretches[-1].start, max(end, stretches[-1].end))
    elif len(stretches) < MAX_STRETCHES:
        stretches.append(Span(start, end))
