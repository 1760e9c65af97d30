"""The faster-whisper engine: our own voice detection, clips in batches, the model kept warm between jobs.

faster_whisper is imported when first needed: a worker answers /health before.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import closing

from bulk_transcribe_worker.audio import Audio, Samples
from bulk_transcribe_worker.busy import BusyClock
from bulk_transcribe_worker.clip_decoder import BEAM_SIZE
from bulk_transcribe_worker.engine import ClipResult, DeviceState, Outcome, SelfTest, Speech, SpeechOptions
from bulk_transcribe_worker.engine_errors import coded_failures
from bulk_transcribe_worker.fallback import MAX_COMPRESSION_RATIO, MIN_AVG_LOGPROB
from bulk_transcribe_worker.gpu import Gpu, device_state, read_gpu
from bulk_transcribe_worker.known_speech import known_speech
from bulk_transcribe_worker.model_fetch import Fetching
from bulk_transcribe_worker.model_shelf import DeviceChoice, LoadedModel, ModelShelf
from bulk_transcribe_worker.models import ModelCatalogue
from bulk_transcribe_worker.trust import clipped
from bulk_transcribe_worker.vad import VadSettings
from bulk_transcribe_worker.voice import detect_once, find_speech

BATCH_SIZES = {"cuda": 8, "cpu": 2}
"""Clips at once where no setting says otherwise. On a CPU of two cores 1, 2 and 4 took the same time with the small
model, and more would let the first text and a cancellation wait. On a GPU, CTranslate2 keeps the rules of Whisper's
times on the processor, in a time that grows with the square of the batch: at large-v3's shape on an H200, batches of 8
gave 82 times real time, of 16 gave 71, and four of 8 side by side 147 (tests/bench/README.md)."""

MAX_BATCHES_AT_ONCE = 4
"""Eight side by side were slower."""
_WEIGHTS_MB, _BATCH_MB = 5000, 3000
"""What the largest model takes of a GPU, and each batch of 8 beside it, rounded up from what was seen on the H200."""

_DETECT_CLIPS = 4


class WhisperEngine:
    """A `SpeechEngine`. `batch_size` 0 = what suits the device; `cpu_threads` 0 = all; `compute_types` by model."""

    name = "faster-whisper"

    def __init__(
        self,
        catalogue: ModelCatalogue,
        device: str = "auto",
        compute_type: str | None = None,
        cpu_threads: int = 0,
        hub_token: str | None = None,
        batch_size: int = 0,
        compute_types: Mapping[str, str] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._wanted_device = device
        self._wanted_compute_type = compute_type
        self._cpu_threads = cpu_threads
        self._batch_size = batch_size
        self._compute_types = dict(compute_types or {})
        self._busy = BusyClock()
        self._shelf = ModelShelf(catalogue, self._choice, hub_token or None, self._busy)
        self._vad_settings = VadSettings()

    def version(self) -> str:
        """Release of faster-whisper."""
        return _release("faster-whisper")

    def models(self) -> list[str]:
        """Local models first, then the hub's."""
        return self._catalogue.names()

    def loaded_models(self) -> list[str]:
        """Models in memory."""
        return self._shelf.names()

    def fetching(self) -> Fetching | None:
        """The model that comes from the hub now."""
        return self._shelf.fetching()

    def busy_share(self) -> float | None:
        """Share of the time since the engine was made in which it computed."""
        return self._busy.share()

    def check(self, options: SpeechOptions) -> None:
        """Refuses a model or a language that is not supported, and lists what is."""
        self._catalogue.check(options.model, options.language)

    def device(self) -> DeviceState:
        """The machine now; `cuda` is null without a GPU."""
        device = self._device()
        return device_state(device, self._compute_type(device))

    def computed(self) -> tuple[float, int, bool]:
        """Seconds of computing, computations that have ended, and whether one is going on."""
        return self._busy.computed()

    def find_speech(self, audio: Audio, vad: bool, stopped: Callable[[], bool]) -> Speech:
        """Voice detection over the whole recording in blocks of bounded memory."""
        return find_speech(audio, vad, stopped, self._vad_settings)

    def load(self, model: str) -> None:
        """Loads a model; the ones that nobody uses are freed first."""
        self._shelf.load(model)

    def transcribe(
        self,
        audio: Audio,
        speech: Speech,
        options: SpeechOptions,
        started: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> Generator[ClipResult, None, None]:
        """Clip by clip, in order, decoded in batches that other recordings share."""
        with self._shelf.lease(options.model) as model, coded_failures():
            language, probability = self._language(model, audio, speech, options)
            started(Outcome(language, self._described(options, model.batches.size, probability)))
            size, told = model.batches.size, 0.0
            tasks = (
                model.decoder.task(
                    audio.clip(clip),
                    clip,
                    options,
                    language,
                    clipped(clip.start, clip.end, speech.heard),
                )
                for clip in speech.clips
            )
            lane = model.batches.open()
            with closing(lane.run(tasks, stopped)) as done:
                for task in done:
                    changed = {} if model.batches.size == size else {"batchSizeReducedTo": model.batches.size}
                    seconds, told = lane.computed - told, lane.computed
                    yield ClipResult(task.result, task.clip.end, seconds, changed, tuple(task.redecoded))

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
        speech = known_speech()
        check("voice detection", lambda: detect_once(speech))
        local = self.loaded_models() or self._catalogue.local()
        if local:
            check("inference", lambda: self._infer(local[0], speech))
        else:
            # Fails nothing: a pod whose image holds no model is as it should be.
            errors["inference"] = "Not tried: no model is here yet. The first recording fetches it."
        return SelfTest(checks, versions, errors)

    def close(self) -> None:
        """Frees all models."""
        self._shelf.close()

    def _choice(self, model: str) -> DeviceChoice:
        device = self._device()
        size = self._batch_size or BATCH_SIZES[device]
        compute_type = self._compute_types.get(model) or self._compute_type(device)
        at_once = batches_at_once(read_gpu(), os.cpu_count() or 1) if device == "cuda" else 1
        return DeviceChoice(device, compute_type, self._cpu_threads, size, at_once)

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

    def _language(
        self, model: LoadedModel, audio: Audio, speech: Speech, options: SpeechOptions
    ) -> tuple[str, float | None]:
        if not model.whisper.model.is_multilingual:
            return "en", None
        if options.language is not None:
            return options.language, None
        if not speech.clips:
            return "", None
        # The longest of the first clips say more than the first word of the recording.
        sample = max(speech.clips[:_DETECT_CLIPS], key=lambda clip: clip.seconds)
        with self._busy.computing():
            language, probability, _ = model.whisper.detect_language(audio.clip(sample))
        return str(language), round(float(probability), 4)

    def _described(
        self, options: SpeechOptions, batch_size: int, language_probability: float | None
    ) -> dict[str, object]:
        settings = self._vad_settings
        described: dict[str, object] = {
            "beamSize": BEAM_SIZE,
            "batchSize": batch_size,
            "compressionRatioThreshold": MAX_COMPRESSION_RATIO,
            "logProbThreshold": MIN_AVG_LOGPROB,
            "vad": options.vad,
            "vadThreshold": settings.threshold,
            "vadMinSilenceSec": settings.min_silence,
            "vadPadSec": settings.pad,
            "clipMaxSec": settings.max_clip,
            "clipPauseSec": settings.longest_pause,
            "wordTimestamps": options.word_timestamps,
            "conditionOnPreviousText": False,
            "noSpeechThreshold": options.no_speech_threshold,
            "initialPrompt": options.initial_prompt,
            "hotwords": options.hotwords,
            "languageDetected": options.language is None,
        }
        if options.sensitivity != 1.0:
            described["hallucinationSensitivity"] = round(options.sensitivity, 3)
        if language_probability is not None:
            described["languageProbability"] = language_probability
        return described

    def _infer(self, name: str, samples: Samples) -> None:
        with self._shelf.lease(name) as model:
            segments, _ = model.whisper.transcribe(samples, language="en", beam_size=1, word_timestamps=True)
            if not "".join(segment.text for segment in segments).strip():
                # With a driver that is too old CTranslate2 computes, without an error, nothing.
                raise RuntimeError(f"{name} heard no word in known speech; a driver that is too old does that")


def batches_at_once(gpu: Gpu | None, cores: int) -> int:
    """How many batches a GPU is given side by side: as many as its memory and the machine's processors carry."""
    room = (gpu.vram_total_mb - _WEIGHTS_MB) // _BATCH_MB if gpu is not None else 1
    return max(1, min(MAX_BATCHES_AT_ONCE, room, cores // 2))


def _release(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "missing"
