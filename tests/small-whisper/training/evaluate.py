"""Owns the figures: what the real faster-whisper makes of held-out recordings, by each of the ways it can be called.

python -m training.evaluate MODEL_FOLDER
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel, decode_audio
from faster_whisper.transcribe import Segment
from faster_whisper.vad import VadOptions, get_speech_timestamps
from numpy.typing import NDArray

from training.espeak import Voice, VoiceBox
from training.grammar import Grammar
from training.recordings import Recording, make_recordings
from training.utterance import SAMPLE_RATE, Phonemes, align
from training.voices import draw_held_out_voice
from training.wer import word_errors, words

Audio = NDArray[np.float32]

# Lines of a meeting lie about a second apart: Silero's default of 2 s would join them all.
CHUNKS = VadOptions(min_silence_duration_ms=500, speech_pad_ms=200, max_speech_duration_s=30)
WIDE_CHUNKS = VadOptions(max_speech_duration_s=30)


@dataclass
class Score:
    """Errors and words over several recordings."""

    errors: int = 0
    words: int = 0
    worst: float = 0.0
    """Percent, of one recording."""

    def add(self, said: str, written: str) -> None:
        errors, count = word_errors(words(said), words(written)), len(words(said))
        self.errors, self.words = self.errors + errors, self.words + count
        self.worst = max(self.worst, 100 * errors / count)

    @property
    def percent(self) -> float:
        return 100 * self.errors / self.words


@dataclass
class Times:
    """Absolute errors of times, in seconds."""

    errors: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        if len(self.errors) < 2:
            return "none"
        return f"{statistics.median(self.errors):.3f} / {statistics.quantiles(self.errors, n=10)[-1]:.3f} s"


class Transcriber:
    """faster-whisper with the model, int8 on the CPU."""

    def __init__(self, folder: Path) -> None:
        self.model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
        self._batched = BatchedInferencePipeline(self.model)

    def chunks(self, audio: Audio, options: VadOptions, beam: int = 5, timestamps: bool = True) -> list[Segment]:
        """Every chunk of Silero's alone: the way the worker goes."""
        spans = get_speech_timestamps(audio, options)
        edges = [span[edge] / SAMPLE_RATE for span in spans for edge in ("start", "end")]
        if not edges:
            return []
        return self._plain(
            audio, clip_timestamps=edges, word_timestamps=True, beam_size=beam, without_timestamps=not timestamps
        )

    def chunks_at_once(self, audio: Audio) -> list[Segment]:
        """The same chunks, each alone in its window, several windows in one batch."""
        spans = get_speech_timestamps(audio, CHUNKS)
        clips = [{edge: span[edge] / SAMPLE_RATE for edge in ("start", "end")} for span in spans]
        if not clips:
            return []
        return list(self._batched.transcribe(audio, language="en", batch_size=8, clip_timestamps=clips)[0])

    def packed(self, audio: Audio) -> list[Segment]:
        """BatchedInferencePipeline as it comes: chunks packed into windows of up to 30 s."""
        return list(self._batched.transcribe(audio, language="en", batch_size=8)[0])

    def joined(self, audio: Audio) -> list[Segment]:
        """vad_filter: silence cut out, the rest in one piece."""
        return self._plain(audio, vad_filter=True)

    def whole(self, audio: Audio) -> list[Segment]:
        """The recording as it is, window after window."""
        return self._plain(audio)

    def prompted(self, audio: Audio) -> list[Segment]:
        """The same with previous text as a prompt, which is faster-whisper's default."""
        return list(self.model.transcribe(audio, language="en")[0])

    def _plain(self, audio: Audio, **options: object) -> list[Segment]:
        return list(self.model.transcribe(audio, language="en", condition_on_previous_text=False, **options)[0])


def front_ends(transcriber: Transcriber) -> dict[str, Callable[[Audio], list[Segment]]]:
    """Every way to call faster-whisper that is judged, by its name in the table."""
    return {
        "chunks alone (silence 0.5 s), beam 5": lambda audio: transcriber.chunks(audio, CHUNKS),
        "chunks alone (silence 0.5 s), beam 1": lambda audio: transcriber.chunks(audio, CHUNKS, beam=1),
        "chunks alone (silence 0.5 s), no timestamps": lambda audio: transcriber.chunks(audio, CHUNKS, 5, False),
        "chunks of up to 30 s alone (Silero's defaults)": lambda audio: transcriber.chunks(audio, WIDE_CHUNKS),
        "chunks alone (silence 0.5 s), 8 at once": transcriber.chunks_at_once,
        "BatchedInferencePipeline as it comes": transcriber.packed,
        "vad_filter, no previous text": transcriber.joined,
        "whole recording, no previous text": transcriber.whole,
        "whole recording, previous text": transcriber.prompted,
    }


def score_recordings(transcriber: Transcriber, recordings: Sequence[Recording]) -> Iterable[str]:
    """A table row for every front end, then the times of lines by the first."""
    audios = [decode_audio(str(recording.file)) for recording in recordings]
    starts, ends = Times(), Times()
    for number, (name, transcribe) in enumerate(front_ends(transcriber).items()):
        score = Score()
        for recording, audio in zip(recordings, audios, strict=True):
            segments = transcribe(audio)
            score.add(recording.text, " ".join(segment.text for segment in segments))
            if number == 0:
                _time_lines(recording, segments, starts, ends)
        yield f"| {name} | {score.percent:.1f} % | {score.worst:.1f} % |"
    yield f"lines, median / 90th percentile: start {starts}, end {ends}"


def _time_lines(recording: Recording, segments: Iterable[Segment], starts: Times, ends: Times) -> None:
    for segment in segments:
        for line in recording.lines:
            if words(line.text) == words(segment.text) and abs(line.start - segment.start) < 2:
                starts.errors.append(abs(line.start - segment.start))
                ends.errors.append(abs(line.end - segment.end))


def score_utterances(transcriber: Transcriber, count: int, *, salad: bool, held_out_voices: bool) -> str:
    """Single sentences, each with the word times that espeak-ng itself gives."""
    rng, grammar, box, phonemes = Random(77), Grammar(), VoiceBox(), Phonemes()
    score, first, later = Score(), Times(), Times()
    for _ in range(count):
        sentence = grammar.draw(rng, held_out=True, salad_share=1.0 if salad else 0.0)
        voice = draw_held_out_voice(rng) if held_out_voices else Voice("gmw/en-US+f4", pitch=55)
        utterance = align(sentence.text, salad, box.say(sentence.text, voice), (320, 441), phonemes)
        if utterance is None:
            continue
        lead = rng.uniform(0.2, 0.6)
        quiet = np.zeros(int(lead * SAMPLE_RATE), np.float32)
        audio = np.concatenate([quiet, utterance.samples.astype(np.float32) * (0.6 / 32768), quiet])
        heard = [word for segment in transcriber.chunks(audio, CHUNKS) for word in segment.words or []]
        score.add(sentence.text, " ".join(word.word for word in heard))
        if words(" ".join(word.word for word in heard)) == words(sentence.text):
            for place, (word, start) in enumerate(zip(heard, utterance.words[:, 0], strict=True)):
                (later if place else first).errors.append(abs(word.start - lead - float(start)))
    kind = ("random words" if salad else "sentences") + (", held-out voices" if held_out_voices else "")
    return f"{kind}: {score.percent:.1f} % of {score.words}; word starts {later}, of first words {first}"


def score_silence(transcriber: Transcriber) -> str:
    """How many recordings without speech come out without text, whole, so that no voice detection helps."""
    rng = np.random.default_rng(5)
    levels = (0.0, 1e-4, 1e-3, 1e-2)
    quiet = [rng.standard_normal(seconds * SAMPLE_RATE) * level for level in levels for seconds in (2, 10, 30)]
    empty = sum(not transcriber.whole(audio.astype(np.float32)) for audio in quiet)
    return f"silence and noise without text: {empty} of {len(quiet)}"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="CTranslate2 folder")
    parser.add_argument("--recordings", type=Path, help="keep the recordings here (default: a temporary folder)")
    parser.add_argument("--short", type=int, default=12, help="recordings of 30 to 60 s")
    parser.add_argument("--long-seconds", type=int, default=300, help="length of the long recording, 0 for none")
    parser.add_argument("--utterances", type=int, default=60, help="single sentences of every kind")
    chosen = parser.parse_args()
    transcriber = Transcriber(chosen.model)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.recordings or Path(temporary)
        recordings = make_recordings(folder, chosen.short, chosen.long_seconds)
        for title, group in (("short", recordings[: chosen.short]), ("long", recordings[chosen.short :])):
            if group:
                spoken = sum(len(words(recording.text)) for recording in group)
                print(f"{title}: {len(group)} recordings, {spoken} words\n| way | word errors | worst recording |")
                for row in score_recordings(transcriber, group):
                    print(row, flush=True)
    for salad in (False, True):
        for held_out_voices in (False, True):
            print(score_utterances(transcriber, chosen.utterances, salad=salad, held_out_voices=held_out_voices))
    print(score_silence(transcriber))


if __name__ == "__main__":
    main()
