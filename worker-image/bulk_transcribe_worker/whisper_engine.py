"""The faster-whisper engine: our own voice detection, one clip at a time, the model kept warm between jobs.

The only module that imports faster_whisper, and it does so when first needed: a worker answers /health before.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bulk_transcribe_worker.audio import SAMPLE_RATE, Audio, Samples
from bulk_transcribe_worker.engine import (
    ClipResult,
    DeviceState,
    Outcome,
    SelfTest,
    Speech,
    SpeechOptions,
    SpokenSegment,
    SpokenWord,
)
from bulk_transcribe_worker.errors import Interrupted, JobErrorCode, JobFailed, RefusalCode, Refused
from bulk_transcribe_worker.gpu import cpu_name, read_gpu
from bulk_transcribe_worker.hub_errors import fetch_sentence
from bulk_transcribe_worker.languages import LANGUAGES
from bulk_transcribe_worker.models import Model, ModelCatalogue
from bulk_transcribe_worker.vad import Clip, Span, VadSettings, clips, speech_spans
from bulk_transcribe_worker.words import interpolate, settle

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_LOG = logging.getLogger(__name__)
BEAM_SIZE = 5
CUDA_RELEASE = "12.8"
"""What the wheels of the locked CTranslate2 are built on."""

_VAD_FRAME = 512
_VAD_BLOCK_FRAMES = 8192
"""Frames of voice detection at once: 262 s of audio, about 20 MB."""
_VAD_LEAD_FRAMES = 64
"""Frames that are computed again before each block, so that the detector's memory is warm at the seam: 2 s."""
_DETECT_CLIPS = 4


class WhisperEngine:
    """A `SpeechEngine`. Models are loaded under a lock and used under a lease, so a switch frees none in use."""

    name = "faster-whisper"

    def __init__(
        self,
        catalogue: ModelCatalogue,
        device: str = "auto",
        compute_type: str | None = None,
        cpu_threads: int = 0,
        hub_token: str | None = None,
        workers: int = 1,
    ) -> None:
        self._catalogue = catalogue
        self._wanted_device = device
        self._wanted_compute_type = compute_type
        self._cpu_threads = cpu_threads
        self._hub_token = hub_token or None
        self._workers = workers
        self._lock = threading.Lock()
        self._loaded: dict[str, WhisperModel] = {}
        self._leases: dict[str, int] = {}
        self._vad_settings = VadSettings()

    def version(self) -> str:
        """Release of faster-whisper."""
        return _release("faster-whisper")

    def models(self) -> list[str]:
        """Local models first, then the hub's."""
        return self._catalogue.names()

    def loaded_models(self) -> list[str]:
        """Models in memory."""
        return sorted(self._loaded)

    def check(self, options: SpeechOptions) -> None:
        """Refuses a model or a language that is not supported, and lists what is."""
        model = self._find(options.model)
        if options.language is None:
            return
        if model.english_only and options.language != "en":
            raise Refused(
                RefusalCode.UNSUPPORTED_LANGUAGE,
                f"The model {model.name!r} knows English only, not {options.language!r}. Supported: en.",
            )
        if options.language not in LANGUAGES:
            raise Refused(
                RefusalCode.UNSUPPORTED_LANGUAGE,
                f"The language {options.language!r} is not supported. Supported: {', '.join(LANGUAGES)}.",
            )

    def device(self) -> DeviceState:
        """The machine now; `cuda` is null without a GPU."""
        gpu = read_gpu()
        device = self._device()
        warnings: list[str] = []
        if device == "cpu" and gpu is not None:
            warnings.append(f"A GPU ({gpu.name}) is there, but the engine computes on the CPU.")
        if device == "cuda" and gpu is None:
            warnings.append("nvidia-smi does not answer; GPU name and memory are unknown.")
        if device == "cpu":
            return DeviceState("cpu", self._compute_type("cpu"), cpu_name(), warnings=tuple(warnings))
        return DeviceState(
            "cuda",
            self._compute_type("cuda"),
            gpu.name if gpu else None,
            CUDA_RELEASE,
            gpu.driver if gpu else None,
            gpu.vram_total_mb if gpu else None,
            gpu.vram_used_mb if gpu else None,
            tuple(warnings),
        )

    def find_speech(self, audio: Audio, vad: bool, stopped: Callable[[], bool]) -> Speech:
        """Voice detection over the whole recording in blocks of bounded memory."""
        probabilities = self._probabilities(audio, stopped)
        if vad:
            spans = speech_spans(probabilities, audio.duration, self._vad_settings)
        else:
            spans = [Span(0.0, audio.duration)]
        return Speech(tuple(clips(spans, probabilities, audio.duration, self._vad_settings)))

    def load(self, model: str) -> None:
        """Loads a model; the ones that nobody uses are freed first."""
        with self._lock:
            self._load(model)

    def transcribe(
        self, audio: Audio, speech: Speech, options: SpeechOptions, started: Callable[[Outcome], None]
    ) -> Iterator[ClipResult]:
        """Clip by clip: each is one call of faster-whisper on its own samples, its times moved to the recording's."""
        model = self._lease(options.model)
        try:
            language, probability = self._language(model, audio, speech, options)
            started(Outcome(language, self._described(options, probability)))
            for clip in speech.clips:
                with _coded_failures():
                    yield ClipResult(self._clip(model, audio, clip, options, language), clip.end)
        finally:
            self._release_lease(options.model)

    def self_test(self) -> SelfTest:
        """Imports, device, voice detection on noise, inference with a loaded or a local model."""
        checks: dict[str, bool] = {}
        versions: dict[str, str] = {}
        errors: dict[str, str] = {}

        def check(name: str, action: Callable[[], object]) -> None:
            try:
                action()
                checks[name] = True
            except Exception as error:
                checks[name] = False
                errors[name] = f"{type(error).__name__}: {error}"

        for module in ("faster_whisper", "ctranslate2", "onnxruntime", "av", "tokenizers"):
            check(f"import {module}", lambda module=module: importlib.import_module(module))  # type: ignore[misc]
            versions[module] = _release(module.replace("_", "-"))
        check("device", self._usable_device)
        second = np.zeros(SAMPLE_RATE, dtype=np.float32)
        check("voice detection", lambda: self._vad()(_padded(second)))
        local = self.loaded_models() or self._catalogue.local()
        if local:
            check("inference", lambda: self._infer(local[0], second))
        return SelfTest(checks, versions, errors)

    def close(self) -> None:
        """Frees all models."""
        with self._lock:
            for name in list(self._loaded):
                self._unload(name)

    def _find(self, name: str) -> Model:
        model = self._catalogue.find(name)
        if model is None:
            raise Refused(
                RefusalCode.UNSUPPORTED_MODEL,
                f"The model {name!r} is not supported. Supported: {', '.join(self.models())}.",
            )
        return model

    def _load(self, name: str) -> WhisperModel:
        loaded = self._loaded.get(name)
        if loaded is not None:
            return loaded
        for other in [other for other in self._loaded if not self._leases.get(other)]:
            self._unload(other)
        model = self._catalogue.find(name)
        if model is None:
            raise JobFailed(JobErrorCode.MODEL_LOAD_FAILED, f"The model {name!r} is not there any more.")
        from faster_whisper import WhisperModel

        device = self._device()
        try:
            loaded = WhisperModel(
                str(model.folder or name),
                device=device,
                compute_type=self._compute_type(device),
                cpu_threads=self._cpu_threads or os.cpu_count() or 1,
                num_workers=self._workers,
                download_root=str(self._catalogue.cache),
                use_auth_token=self._hub_token,
            )
        except Exception as error:
            if _is_out_of_memory(error):
                raise JobFailed(JobErrorCode.OUT_OF_MEMORY, f"The model {name!r} does not fit into memory.") from error
            _LOG.warning("The model %r could not be loaded.", name, exc_info=error)
            sentence = fetch_sentence(name, error) if model.folder is None else None
            raise JobFailed(
                JobErrorCode.MODEL_LOAD_FAILED,
                sentence or f"The model {name!r} could not be loaded: {_one_line(error)}",
            ) from error
        self._loaded[name] = loaded
        return loaded

    def _unload(self, name: str) -> None:
        # Freed first, forgotten after: a failure leaves it visible.
        self._loaded[name].model.unload_model()
        del self._loaded[name]

    def _lease(self, name: str) -> WhisperModel:
        with self._lock:
            model = self._load(name)
            self._leases[name] = self._leases.get(name, 0) + 1
            return model

    def _release_lease(self, name: str) -> None:
        with self._lock:
            self._leases[name] -= 1

    def _device(self) -> str:
        if self._wanted_device != "auto":
            return self._wanted_device
        import ctranslate2

        return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"

    def _usable_device(self) -> None:
        import ctranslate2

        device = self._device()
        supported = ctranslate2.get_supported_compute_types(device)
        if self._compute_type(device) not in supported:
            raise RuntimeError(f"{device} offers {', '.join(sorted(supported))}, not {self._compute_type(device)}")

    def _compute_type(self, device: str) -> str:
        return self._wanted_compute_type or ("float16" if device == "cuda" else "int8")

    def _vad(self) -> Callable[[Samples], Samples]:
        from faster_whisper.vad import get_vad_model

        detector: Callable[[Samples], Samples] = get_vad_model()
        return detector

    def _probabilities(self, audio: Audio, stopped: Callable[[], bool]) -> list[float]:
        detector = self._vad()
        probabilities: list[float] = []
        frames = math.ceil(len(audio) / _VAD_FRAME)
        for first in range(0, frames, _VAD_BLOCK_FRAMES):
            if stopped():
                raise Interrupted
            lead = min(first, _VAD_LEAD_FRAMES)
            samples = audio.slice((first - lead) * _VAD_FRAME, (first + _VAD_BLOCK_FRAMES) * _VAD_FRAME)
            values = np.asarray(detector(_padded(samples))).reshape(-1)
            probabilities.extend(float(value) for value in values[lead:])
        return probabilities[:frames]

    def _language(
        self, model: WhisperModel, audio: Audio, speech: Speech, options: SpeechOptions
    ) -> tuple[str, float | None]:
        if not model.model.is_multilingual:
            return "en", None
        if options.language is not None:
            return options.language, None
        if not speech.clips:
            return "", None
        with _coded_failures():
            # The longest of the first clips say more than the first word of the recording.
            sample = sorted(speech.clips[:_DETECT_CLIPS], key=lambda clip: clip.start - clip.end)[0]
            language, probability, _ = model.detect_language(audio.seconds(sample.start, sample.end))
        return str(language), round(float(probability), 4)

    def _clip(
        self, model: WhisperModel, audio: Audio, clip: Clip, options: SpeechOptions, language: str
    ) -> list[SpokenSegment]:
        samples = audio.seconds(clip.start, clip.end)
        found, _ = model.transcribe(
            samples,
            language=language,
            beam_size=BEAM_SIZE,
            word_timestamps=options.word_timestamps,
            condition_on_previous_text=False,
            clip_timestamps=[0.0, len(samples) / SAMPLE_RATE],
            initial_prompt=options.initial_prompt,
            hotwords=options.hotwords,
            no_speech_threshold=options.no_speech_threshold,
            vad_filter=False,
        )
        segments = [_spoken(segment, clip.start, options.word_timestamps) for segment in found]
        return settle([segment for segment in segments if segment.text], clip)

    def _described(self, options: SpeechOptions, language_probability: float | None) -> dict[str, object]:
        settings = self._vad_settings
        described: dict[str, object] = {
            "beamSize": BEAM_SIZE,
            "vad": options.vad,
            "vadThreshold": settings.threshold,
            "vadMinSilenceSec": settings.min_silence,
            "vadPadSec": settings.pad,
            "clipMaxSec": settings.max_clip,
            "clipFillSec": settings.fill_clip,
            "clipFillGapSec": settings.fill_gap,
            "wordTimestamps": options.word_timestamps,
            "conditionOnPreviousText": False,
            "noSpeechThreshold": options.no_speech_threshold,
            "initialPrompt": options.initial_prompt,
            "hotwords": options.hotwords,
            "languageDetected": options.language is None,
        }
        if language_probability is not None:
            described["languageProbability"] = language_probability
        return described

    def _infer(self, name: str, samples: Samples) -> None:
        model = self._lease(name)
        try:
            segments, _ = model.transcribe(samples, language="en", beam_size=1, word_timestamps=True)
            list(segments)
        finally:
            self._release_lease(name)


class _coded_failures:
    """Turns an exception of CTranslate2 into a JobFailed with its code."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, JobFailed | Interrupted):
            return
        if _is_out_of_memory(error):
            raise JobFailed(JobErrorCode.OUT_OF_MEMORY, "The device ran out of memory while transcribing.") from error
        raise JobFailed(JobErrorCode.ENGINE_FAILED, f"The engine failed: {_one_line(error)}") from error


def _spoken(segment: Any, offset: float, with_words: bool) -> SpokenSegment:
    """A segment of faster-whisper with the times of the recording."""
    text = str(segment.text).strip()
    start, end = offset + float(segment.start), offset + float(segment.end)
    words: Sequence[SpokenWord] = ()
    if with_words:
        words = [
            SpokenWord(str(word.word), offset + float(word.start), offset + float(word.end), float(word.probability))
            for word in segment.words or ()
            if str(word.word).strip()
        ] or interpolate(text, start, end, float(segment.avg_logprob))
    return SpokenSegment(
        start,
        end,
        text,
        float(segment.avg_logprob),
        float(segment.no_speech_prob),
        float(segment.compression_ratio),
        float(segment.temperature or 0.0),
        tuple(words),
    )


def _padded(samples: Samples) -> Samples:
    """Silero wants whole frames."""
    missing = -len(samples) % _VAD_FRAME
    return np.pad(samples, (0, missing)) if missing else samples


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__


def _release(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "missing"
