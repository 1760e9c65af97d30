// Owns the sentences that a worker of this version says of recordings and of itself, as templates: the app makes none of them, but may read
// them (the originals are in worker-image). A worker of another version says others; they are shown as they came.

export const WORKER_SAYS = {
  channels_mixed:
    'The channels were to be transcribed apart, but they carry the same or there is only one, so they were not.',
  audio_damaged: 'The sound here could not be decoded; what comes after it keeps its time.',
  audio_gap: 'The recording holds no sound here; it counts as silence.',
  audio_gaps: 'The recording holds no sound in {count} further places, {seconds} s in all.',
  audio_missing: 'The recording says that it is {seconds} s longer than what the file holds: its end is missing.',
  speakers_unavailable: 'Speakers were not told apart: {reason}',
  speakers_none: 'Speakers were asked for, and none could be told apart.',
  loop: 'The text repeats {phrase} {count} times: likely a loop of the model.',
  over_silence: 'There is text here, but hardly any speech was detected.',
  speech_without_text: 'About {seconds} s of detected speech have no text.',
  too_fast: '{letters} letters in {secondsNumber} s: faster than anybody speaks.',
  again_second:
    '{reason}, so this was decoded once more with other settings: the second text is kept; the first was {text}.',
  again_first:
    '{reason}, so this was decoded once more with other settings: it was no better, so the first text is kept; the second was {text}.',
  why_loop: 'The model was caught in a loop here',
  why_gap: 'Detected speech had no text here',
  why_fast: 'The text here was faster than anybody speaks',
  why_silence: 'There was text here, but hardly any speech was detected',

  speakers_finding_out: 'Whether speakers can be told apart is being found out.',
  speakers_not_installed:
    'Telling speakers apart is not installed on this worker. On your own computer: bulk-transcribe worker install --diarization.',
  speakers_token_missing:
    'HF_TOKEN is not set, and without it {model} cannot be fetched. Accept its conditions on its page at the model hub, make a token there, and set HF_TOKEN on the worker; or let DIARIZATION_MODEL name a folder that holds a pipeline.',
  speakers_failed: 'The speakers could not be told apart: {reason}',
  speakers_no_memory: 'There is not enough memory to tell the speakers apart.',
  speakers_ended: 'The process that tells speakers apart ended: {reason}.',

  worker_disk_full: "The worker's disk is full.",
  decoder_crashed: 'The decoder crashed on this file.',
  decoder_stuck: 'The decoder made no progress on this file.',
  decoder_late: 'This file takes too long to decode.',
  decoder_memory: 'The file needs too much memory to decode.',
  file_empty: 'The file is empty.',
  file_other: 'The file that arrived is not the one that was promised (SHA-256 differs).',
  file_larger: 'The file is larger than this worker accepts ({bytes} bytes).',
  fetch_failed: 'The recording could not be fetched: {reason}.',
  fetch_status: 'The server answered {status}.',
  delivery_refused: 'The controller refused the transcript ({code}): {reason}',
  device_memory: 'The device ran out of memory while transcribing.',
  engine_failed: 'The engine failed: {reason}',
  model_disk_full: "The model {model} could not be fetched: the worker's disk is full.",
  model_no_access: 'The model hub refuses the model {model}: HF_TOKEN is missing or has no access to it.',
  model_unknown: 'The model hub has no model {model} that this worker may read.',
  model_offline:
    "The model {model} is not on this worker and the model hub cannot be reached. Check the worker's internet connection, or put the model into its models folder.",
  model_memory: 'The model {model} does not fit into memory.',
  model_broken: 'The model {model} could not be loaded: {reason}',
  worker_restarted: 'The worker was restarted before the job was finished.',
} as const;
