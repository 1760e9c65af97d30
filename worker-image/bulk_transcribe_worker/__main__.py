"""The entry: reads the environment, makes the parts, joins them, serves."""

from __future__ import annotations

import os
import sys

from bulk_transcribe_worker.config import Config, ConfigError
from bulk_transcribe_worker.engine_process import EngineProcess
from bulk_transcribe_worker.engine_wire import EngineSetup
from bulk_transcribe_worker.journal import JournalError
from bulk_transcribe_worker.logs import JsonLog, LogWriter, route_library_logs
from bulk_transcribe_worker.server import serve


def main() -> None:
    """Runs a worker from the environment; the exit code is 2 where a setting or the work directory is unusable."""
    writer = LogWriter()
    log = JsonLog(writer)
    route_library_logs(log)
    status = 0
    try:
        config = Config.from_environment(os.environ)
        engine = EngineProcess(
            EngineSetup(
                config.models_folder,
                config.device,
                config.compute_type,
                config.cpu_threads,
                config.hub_token.reveal(),
                config.batch_size,
            )
        )
        serve(config, engine, log)
    except (ConfigError, JournalError, OSError) as error:
        log.write("error", "start_failed", str(error))
        _complain(str(error))
        status = 2
    writer.close()
    # A thread in the middle of a clip must not hold the process: all that counts is on disk.
    os._exit(status)


def _complain(message: str) -> None:
    try:
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


if __name__ == "__main__":
    main()
