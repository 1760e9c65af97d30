// Owns every English word of the interface, and with it the shape that every other language has to fill. A text with a number in it
// is a function, so that no plural is made by hand elsewhere. The sentences for errors are the contract's own, shared with the command line.

import { ERROR_ADVICE } from '../../contract/errors.ts';
import type { CONFLICT_RULES, ExportFormat } from '../../contract/options.ts';
import type { WorkerMode } from '../../contract/settings.ts';
import { plural, recordings } from './en-counts.ts';
import { queueTexts } from './en-queue.ts';
import { searchTexts } from './en-search.ts';
import { transcriptTexts } from './en-transcript.ts';
import { workerTexts } from './en-workers.ts';

const workerModes: Record<WorkerMode, { title: string; about: string }> = {
  optional: { title: 'Remote first', about: 'A remote worker when one answers, this computer otherwise.' },
  required: { title: 'Remote only', about: 'Recordings wait until a remote worker answers.' },
  off: { title: 'This computer only', about: 'Nothing leaves this computer.' },
};

const conflicts: Record<(typeof CONFLICT_RULES)[number], string> = {
  number: 'Keep both, number the new one',
  replace: 'Replace it',
  skip: 'Leave it, write nothing',
};

/** Every text, by where it is read. */
export const en = {
  /** For numbers, dates and the names of languages (BCP 47). */
  locale: 'en-GB',
  of: (part: string, whole: string) => `${part} of ${whole}`,
  advice: ERROR_ADVICE,
  ...queueTexts,
  ...searchTexts,
  ...workerTexts,
  ...transcriptTexts,
  app: 'Bulk Transcribe',
  screens: { queue: 'Queue', search: 'Search', workers: 'Workers', settings: 'Settings' },
  rail: { label: 'Main', differs: 'A worker runs another build than you expect', trouble: 'A worker needs you' },
  /** Formats by the names that people know them by. */
  formats: {
    srt: 'SRT',
    vtt: 'VTT',
    txt: 'TXT',
    md: 'Markdown',
    docx: 'DOCX',
    tsv: 'TSV',
    csv: 'CSV',
    json: 'JSON',
    whisperx: 'WhisperX JSON',
  } satisfies Record<ExportFormat, string>,
  actions: {
    adopt: 'Adopt',
    adoptReported: 'Adopt reported',
    details: 'Details',
    dismiss: 'Dismiss',
    addRecordings: 'Add recordings',
    addFolder: 'Add a folder',
    chooseFiles: 'Choose files…',
    chooseFolder: 'Choose a folder…',
    open: 'Open text',
    cancel: 'Cancel',
    retry: 'Retry',
    remove: 'Remove',
    removeAsk: 'Remove…',
    showFile: 'Show file',
    close: 'Close',
    copy: 'Copy text',
    copied: 'Copied',
    exportAs: 'Export',
    otherFormats: 'Other formats',
    addWorker: 'Add by address…',
    test: 'Test',
    save: 'Save',
    options: 'Options…',
    more: 'More',
    keep: 'Keep it',
    stopUpload: 'Stop',
  },
  title: {
    summary: (left: number, sound: string | null) =>
      left === 0
        ? 'Nothing left to do'
        : `${left.toLocaleString('en')} left${sound === null ? '' : `, ${sound} of sound`}`,
    doneAbout: (time: string) => `, done about ${time}`,
  },
  connection: {
    lost: 'The engine is not answering.',
    lostMore: 'Nothing is lost: the queue is on disk. This page connects again by itself.',
    connecting: 'Connecting to the engine…',
  },
  gate: {
    title: 'Open Bulk Transcribe from its own address',
    about:
      'This page needs the token of the engine that runs on this computer. It stays in this tab and is shown nowhere.',
    how: 'In the terminal, the command below opens this page with its token. If it is running already, paste the address that it printed, or the content of the file api-token in its data directory.',
    command: 'bulk-transcribe serve',
    field: 'Token or address',
    enter: 'Open',
    refused: 'The engine refused this token. It may have been started anew with another data directory.',
  },
  text: {
    title: 'Text',
    segments: 'Segments',
    loading: 'Opening the text…',
    facts: (parts: { segments: number; language: string; model: string }) =>
      `${plural(parts.segments, 'segment', 'segments')}, ${parts.language}, ${parts.model}`,
    speakers: (count: number) => plural(count, 'speaker', 'speakers'),
    madeBy: (worker: string) => `by ${worker}`,
    warnings: (count: number) => plural(count, 'place to check', 'places to check'),
    empty: 'The recording holds no speech.',
    live: 'Being decoded; the finished text may still differ.',
    unnamed: (speaker: string) => {
      const number = /^SPEAKER_(\d+)$/.exec(speaker)?.[1];
      return number === undefined ? speaker : `Speaker ${Number(number) + 1}`;
    },
  },
  removeJob: {
    title: (name: string) => `Remove ${name} from the list?`,
    about: 'The recording and the files already written stay where they are.',
    aboutText: 'The text kept in the app goes. The recording and the files already written stay where they are.',
  },
  refused: {
    title: (count: number) => `${recordings(count)} could not be added`,
    restQueued: 'The rest is in the queue.',
  },
  settings: {
    held: 'Held by the environment',
    newTitle: 'New recordings',
    newAbout: 'What the next drop gets. Recordings in the queue keep what they were given.',
    modelAbout: 'The workers have:',
    languageAbout: 'Two letters, such as en or de. Empty: found by itself.',
    speakersAbout: 'Marks who speaks. Needs a worker with speakers ready.',
    speakerMin: 'At least',
    speakerMax: 'At most',
    speakersOpen: 'Empty: found by itself.',
    prompt: 'Words to expect',
    promptAbout: 'Names and terms, as a sentence that might come before the recording.',
    outDir: 'Folder',
    outDirAbout: 'Absolute path. Empty: beside the recording.',
    outDirAboutBrowser:
      'Absolute path on the computer of the engine. Empty: beside the recording, or in the app where it was read in.',
    conflict: 'If the file is there',
    conflicts,
    workersTitle: 'Where it works',
    mode: 'Mode',
    workerModes,
    timeout: 'Give up after',
    timeoutUnit: 'seconds without progress',
    identityTitle: 'Expected build',
    identityAbout: 'A worker that runs another build is named on every screen. It keeps working. Empty: not compared.',
    commit: 'Commit',
    digest: 'Image digest',
    lookTitle: 'Appearance',
    theme: 'Theme',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    saved: 'Saved.',
    oneFormat: 'At least one format is needed.',
    badRange: 'The least number of speakers is larger than the most.',
    badTimeout: 'From 60 seconds to 7 days.',
  },
  errors: {
    noAnswer: 'The engine is not answering.',
    strangeAnswer:
      'The engine gave an answer that this page does not understand. Reload the page: it may be of another version.',
    httpStatus: (status: number) => `The engine answered with status ${status}.`,
    uploadBroke: 'The recording did not arrive in the app.',
    noUploadHere: 'Recordings are named by their paths here, not uploaded.',
    engineRestarted: {
      what: 'The engine stopped unexpectedly and was started anew.',
      lost: 'Nothing was lost: the queue goes on where it was.',
      todo: 'If it happens again, send a report (Help menu).',
    },
    pageRestarted: {
      what: 'The window stopped unexpectedly and was drawn anew.',
      lost: 'Nothing was lost: the queue went on behind it.',
      todo: 'If it happens again, send a report (Help menu).',
    },
  },
  count: { recordings },
} as const;
