"""Owns what the worker takes on: a job is refused here, before anything is done for it, with what is supported instead.

Every check raises Refused.
"""

from __future__ import annotations

from contextlib import suppress

from bulk_transcribe_worker.addresses import AddressRefused, ControllerHosts, origin
from bulk_transcribe_worker.config import MIB, Config
from bulk_transcribe_worker.diarizer import Diarizer
from bulk_transcribe_worker.diarizing import wants_speakers
from bulk_transcribe_worker.engine import SpeechEngine, SpeechOptions
from bulk_transcribe_worker.errors import RefusalCode, Refused
from bulk_transcribe_worker.trust import sensitivity_of
from bulk_transcribe_worker.wire import JobRequest
from bulk_transcribe_worker.workspace import Workspace

DISK_RESERVE_BYTES = 256 * MIB
RETRY_AFTER_SECONDS = 15


class Admission:
    """The rules of one worker."""

    def __init__(
        self,
        config: Config,
        engine: SpeechEngine,
        diarizer: Diarizer,
        hosts: ControllerHosts,
        workspace: Workspace,
    ) -> None:
        self._config = config
        self._engine = engine
        self._diarizer = diarizer
        self._hosts = hosts
        self._workspace = workspace

    def options(self, request: JobRequest) -> SpeechOptions:
        """What the engine is asked for it; empty means this worker's default."""
        asked = request.options
        return SpeechOptions(
            model=asked.model or self._config.model,
            language=asked.language or None,
            vad=asked.vad_enabled is not False,
            word_timestamps=asked.word_timestamps is not False,
            initial_prompt=asked.initial_prompt or None,
            hotwords=asked.hotwords or None,
            doubt=asked.hallucination_detection is not False,
            sensitivity=sensitivity_of(asked.hallucination_sensitivity),
            no_speech_threshold=0.6 if asked.no_speech_threshold is None else asked.no_speech_threshold,
        )

    def check_capacity(self, active: int, draining: bool) -> None:
        """`active`: jobs that hold a place now."""
        if draining:
            raise Refused(RefusalCode.DRAINING, "This worker is about to stop and takes no more jobs.")
        most = self._config.max_concurrent_jobs + self._config.prefetch_jobs
        if active >= most:
            raise Refused(
                RefusalCode.WORKER_FULL,
                f"This worker holds {most} jobs already.",
                {"Retry-After": str(RETRY_AFTER_SECONDS)},
            )

    def check_request(self, request: JobRequest) -> None:
        """Whether model, language, options and sizes are what this worker can do."""
        if request.attempt is not None and len(request.inputs) != 1:
            raise Refused(RefusalCode.BAD_REQUEST, "A job with an attempt has exactly one input.")
        reason = self._diarizer.reason()
        # What is still being found out is waited for by the job, before it fetches anything.
        if (
            wants_speakers(request.options)
            and not request.options.diarization_optional
            and reason is not None
            and not self._diarizer.checking()
        ):
            raise Refused(
                RefusalCode.UNSUPPORTED_OPTION,
                f"diarizationEnabled is not supported: {reason} Supported: false, or diarizationOptional with it.",
            )
        self._engine.check(self.options(request))
        for expected in request.inputs:
            if expected.size_bytes is not None and expected.size_bytes > self._config.max_file_bytes:
                raise Refused(
                    RefusalCode.TOO_LARGE, f"This worker accepts files of up to {self._config.max_file_mb} MB."
                )

    def check_links(self, request: JobRequest) -> None:
        """All links of a job lead to one controller, so the token is sent nowhere else."""
        links = [expected.download_url for expected in request.inputs] + [request.outputs_upload_url]
        if request.callback_url is not None:
            links.append(request.callback_url)
        try:
            origins = {origin(self._hosts.check_url(link)) for link in links}
        except AddressRefused as error:
            raise Refused(RefusalCode.BAD_REQUEST, str(error)) from error
        if len(origins) > 1:
            raise Refused(RefusalCode.BAD_REQUEST, "The links of a job must lead to one controller.")

    def check_disk(self, request: JobRequest) -> None:
        """Whether the recordings fit beside what is there."""
        needed = sum(expected.size_bytes or 0 for expected in request.inputs) + DISK_RESERVE_BYTES
        with suppress(OSError):
            free = self._workspace.free_bytes()
            if free < needed:
                raise Refused(
                    RefusalCode.WORKER_DISK_FULL,
                    f"The worker's disk has {free // MIB} MB left, {needed // MIB} MB are needed.",
                )
