"""The process that tells speakers apart: `python -m bulk_transcribe_worker.diarize_child`, started by diarizer.py.

A process of its own, because torch is in it and nowhere else, because it computes beside Whisper without sharing its
interpreter, and because only the end of a process gives all of a GPU's memory back. It ends with its pipe.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from bulk_transcribe_worker import heap
from bulk_transcribe_worker.audio import Audio
from bulk_transcribe_worker.diarization import (
    Advanced,
    Broke,
    DiarizationSetup,
    Diarize,
    Found,
    Prepare,
    Prepared,
    SpeakerCount,
    StopDiarizing,
    Unable,
)
from bulk_transcribe_worker.engine_errors import one_line
from bulk_transcribe_worker.errors import Interrupted
from bulk_transcribe_worker.hub_errors import fetch_sentence
from bulk_transcribe_worker.known_speech import known_speech
from bulk_transcribe_worker.pipe import Pipe, to_parent

if TYPE_CHECKING:
    from bulk_transcribe_worker.pyannote_engine import PyannoteEngine

AT_ONCE = 2
"""Recordings under way: one on the device, and one whose clustering, which is the processor's, holds nobody up."""
DEVICE_LOST_EXIT = 75
_DEVICE_LOST = ("CUDA error", "device-side assert", "CUDNN_STATUS_EXECUTION_FAILED", "unspecified launch failure")
_WEIGHTS = ("*.yaml", "*.bin", "*.npz", "*/*.bin", "*/*.npz", "*/*.yaml")


def main() -> None:
    """Answers until the worker is gone. Never returns."""
    # On a GPU too, where next to nothing is asked of it: which device it is, is known when threads are there already.
    heap.one_heap()
    pipe = to_parent()
    messages: queue.SimpleQueue[object] = queue.SimpleQueue()
    stops: dict[int, threading.Event] = {}

    def listen() -> None:
        while (message := pipe.receive()) is not None:
            if isinstance(message, StopDiarizing):
                stops.setdefault(message.id, threading.Event()).set()
            else:
                messages.put(message)
        # Whatever is being loaded or computed: nobody is there to hear of it.
        os._exit(0)

    threading.Thread(target=listen, name="listen", daemon=True).start()
    first = messages.get()
    if not isinstance(first, Prepare):
        os._exit(2)
    engine = _prepare(pipe, first.setup)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="diarize") as threads:
        running: list[Future[None]] = []
        while True:
            try:
                message = messages.get(timeout=heap.REST_SECONDS if running else None)
            except queue.Empty:
                if all(one.done() for one in running):
                    heap.let_go()
                    running.clear()
                continue
            if isinstance(message, Diarize):
                stop = stops.setdefault(message.id, threading.Event())
                running.append(threads.submit(_answer, pipe, engine, message, stop))


def _prepare(pipe: Pipe, setup: DiarizationSetup) -> PyannoteEngine:
    # Behind the worker's own packages, so that what both have is the worker's.
    sys.path.append(str(setup.packages))
    try:
        from bulk_transcribe_worker import pyannote_engine as pyannote
    except Exception as error:
        _give_up(pipe, f"pyannote.audio cannot be imported: {type(error).__name__}: {one_line(error)}")
    try:
        device = pyannote.choose_device(setup.device)
        engine = pyannote.PyannoteEngine(_pipeline_folder(setup), device, setup.batch_size, setup.threads)
        if device == "cpu":
            # Half of what a window takes was its pages being made anew, as with Whisper's.
            heap.keep()
        found = engine.run(known_speech(), SpeakerCount(), lambda share: None)
        if not found.exclusive:
            raise pyannote.CannotDiarize(f"On {device}, {setup.model} hears nobody in a recording of two people.")
    except pyannote.CannotDiarize as error:
        _give_up(pipe, str(error))
    except Exception as error:
        sentence = None if setup.local_pipeline() else fetch_sentence(setup.model, error)
        _give_up(pipe, sentence or f"{setup.model} does not work here: {type(error).__name__}: {one_line(error)}")
    pipe.send(Prepared(device, engine.versions()))
    return engine


def _give_up(pipe: Pipe, reason: str) -> None:
    pipe.send(Unable(reason))
    pipe.close()
    os._exit(1)


def _pipeline_folder(setup: DiarizationSetup) -> Path:
    """Where the pipeline lies, fetched first where it must be. All of it is one folder at one commit."""
    local = setup.local_pipeline()
    if local is not None:
        return local
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    def fetch(cached: bool) -> Path:
        return Path(
            snapshot_download(
                setup.model,
                revision=setup.pinned_revision,
                cache_dir=setup.models_folder / "cache",
                allow_patterns=list(_WEIGHTS),
                token=setup.hub_token or None,
                local_files_only=cached,
            )
        )

    try:
        return fetch(cached=True)
    except LocalEntryNotFoundError:
        return fetch(cached=False)


def _answer(pipe: Pipe, engine: PyannoteEngine, message: Diarize, stop: threading.Event) -> None:
    def progress(share: float) -> None:
        if stop.is_set():
            raise Interrupted
        pipe.send(Advanced(message.id, share))

    try:
        if message.sound is None:
            samples = known_speech()
        else:
            sound = Audio(message.sound)
            samples = sound.slice(0, len(sound))
        pipe.send(Found(message.id, engine.run(samples, message.count, progress, message.device)))
    except Interrupted:
        pipe.send(Broke(message.id, "Stopped."))
    except MemoryError:
        pipe.send(Broke(message.id, "There is no memory left to tell the speakers apart.", out_of_memory=True))
    except OSError as error:
        pipe.send(Broke(message.id, one_line(error)))
    except Exception as error:
        text = one_line(error)
        pipe.send(Broke(message.id, f"{type(error).__name__}: {text}"))
        if any(sign in text for sign in _DEVICE_LOST):
            # Nothing that comes after works in this process.
            os._exit(DEVICE_LOST_EXIT)


if __name__ == "__main__":
    main()
