// Owns every English word of the interface, and with it the shape that every other language has to fill. A text with a number in it
// is a function, so that no plural is made by hand elsewhere. The sentences for errors are the contract's own, shared with the command line.

import { ERROR_ADVICE } from '../../contract/errors.ts';
import type { ExportFormat } from '../../contract/options.ts';
import { plural, recordings } from './en-counts.ts';
import { podTexts } from './en-pods.ts';
import { queueTexts } from './en-queue.ts';
import { searchTexts } from './en-search.ts';
import { settingsTexts } from './en-settings.ts';
import { transcriptTexts } from './en-transcript.ts';
import { workerTexts } from './en-workers.ts';

/** Every text, by where it is read. */
export const en = {
  /** For numbers, dates and the names of languages (BCP 47). */
  locale: 'en-GB',
  of: (part: string, whole: string) => `${part} of ${whole}`,
  advice: ERROR_ADVICE,
  /** What happened, and what a worker, a provider or the system said of it. */
  quoted: (what: string, words: string) => `${what} “${words}”`,
  ...podTexts,
  ...queueTexts,
  ...searchTexts,
  ...settingsTexts,
  ...workerTexts,
  ...transcriptTexts,
  app: 'Bulk Transcribe',
  screens: { queue: 'Queue', search: 'Search', workers: 'Workers', spending: 'Spending', settings: 'Settings' },
  rail: {
    label: 'Main',
    differs: 'A worker runs a different build than expected',
    trouble: 'A worker needs attention',
  },
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
    podcast: 'Podcasting 2.0 JSON',
    audacity: 'Audacity labels',
    rttm: 'RTTM',
  } satisfies Record<ExportFormat, string>,
  actions: {
    adopt: 'Adopt',
    adoptReported: 'Adopt reported',
    pasteExpected: 'Paste expected…',
    details: 'Details',
    dismiss: 'Dismiss',
    addRecordings: 'Add recordings',
    addFolder: 'Add a folder',
    chooseFiles: 'Choose files…',
    chooseFolder: 'Choose a folder…',
    open: 'Open transcript',
    cancel: 'Cancel',
    retry: 'Retry',
    pause: 'Pause',
    resume: 'Resume',
    history: 'History…',
    moveFirst: 'Move to the top',
    moveLast: 'Move to the end',
    moveUp: 'Move up',
    moveDown: 'Move down',
    edit: 'Edit…',
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
      left === 0 ? 'All done' : `${left.toLocaleString('en')} left${sound === null ? '' : `, ${sound} of audio`}`,
    doneAbout: (time: string) => `, done around ${time}`,
    paused: 'Paused: ',
  },
  connection: {
    lost: 'The engine is not answering.',
    lostMore: 'Nothing is lost: the queue is on disk. This page reconnects automatically.',
    reload: 'Reload the page',
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
    refused: 'The engine refused this token. It may have been restarted with another data directory.',
  },
  text: {
    title: 'Text',
    segments: 'Segments',
    loading: 'Opening the transcript…',
    facts: (parts: { segments: number; language: string; model: string }) =>
      `${plural(parts.segments, 'segment', 'segments')}, ${parts.language}, ${parts.model}`,
    speakers: (count: number) => plural(count, 'speaker', 'speakers'),
    madeBy: (worker: string) => `by ${worker}`,
    warnings: (count: number) => plural(count, 'place to check', 'places to check'),
    empty: 'No speech was found in this recording.',
    live: 'Live text; the finished transcript may still differ.',
    unnamed: (speaker: string) => {
      const number = /^SPEAKER_(\d+)$/.exec(speaker)?.[1];
      return number === undefined ? speaker : `Speaker ${Number(number) + 1}`;
    },
  },
  removeJob: {
    title: (name: string) => `Remove ${name} from the list?`,
    about: 'The recording and the files already written stay where they are.',
    aboutText:
      'The transcript kept in the app is deleted. The recording and the files already written stay where they are.',
  },
  refused: {
    title: (count: number) => `${recordings(count)} could not be added`,
    restQueued: 'The others are in the queue.',
  },
  errors: {
    noAnswer: 'The engine is not answering.',
    strangeAnswer:
      'The engine gave an answer that this page does not understand. Reload the page: it may be of another version.',
    httpStatus: (status: number) => `The engine answered with status ${status}.`,
    uploadBroke: 'The recording did not arrive in the app.',
    noUploadHere: 'Recordings are named by their paths here, not uploaded.',
    engineRestarted: {
      what: 'The engine stopped unexpectedly and was restarted.',
      lost: 'Nothing was lost: the queue continues where it was.',
      todo: 'If it happens again, send a report (Help menu).',
    },
    pageRestarted: {
      what: 'The window stopped unexpectedly and was reloaded.',
      lost: 'Nothing was lost: the queue kept running.',
      todo: 'If it happens again, send a report (Help menu).',
    },
  },
  count: { recordings },
} as const;
