// Owns the English words of the settings.

import type { CONFLICT_RULES, WHEN_DONE_RULES } from '../../contract/options.ts';
import type { WorkerMode } from '../../contract/settings.ts';
import type { TunnelChoice } from '../../contract/tunnel-wire.ts';
import type { WatchState } from '../../contract/watch-folder.ts';
import { plural, recordings } from './en-counts.ts';

const workerModes: Record<WorkerMode, { title: string; about: string }> = {
  optional: { title: 'Remote first', about: 'A remote worker when one answers, this computer otherwise.' },
  required: { title: 'Remote only', about: 'Recordings wait until a remote worker answers.' },
  off: { title: 'This computer only', about: 'Nothing leaves this computer.' },
};

const conflicts: Record<(typeof CONFLICT_RULES)[number], string> = {
  number: 'Keep both, number the new one',
  replace: 'Replace it',
  skip: 'Keep it, write nothing',
};

const whenDoneRules: Record<(typeof WHEN_DONE_RULES)[number], string> = {
  skip: 'Reuse the existing transcript',
  again: 'Transcribe it again',
};

const tunnels: Record<TunnelChoice, { title: string; about: string }> = {
  auto: {
    title: 'Automatic',
    about: "The worker's own connection where it has one, else a public address, else cloudflared.",
  },
  worker: { title: "The worker's own", about: 'This computer connects to the worker; nothing has to be opened here.' },
  address: { title: 'This computer’s public address', about: 'Set by CONTROLLER_BASE_URL.' },
  cloudflared: {
    title: 'cloudflared',
    about: "Cloudflare's program opens a temporary address, where it is installed.",
  },
};

const states: Record<WatchState, string> = {
  starting: 'Being scanned',
  watching: 'Watching',
  missing: 'Not found; checked again automatically',
  unreadable: 'No permission to read it',
  off: 'Off',
};

/** Part of the catalogue. */
export const settingsTexts = {
  settings: {
    held: 'Set by the environment',
    newTitle: 'New recordings',
    newAbout: 'Used for the next drop. Recordings already in the queue keep their options.',
    modelAbout: 'Available on workers:',
    languageAbout: 'Two letters, such as en or de. Empty: detected automatically.',
    speakersAbout: 'Shows who is speaking. Needs a worker that can tell speakers apart.',
    speakerMin: 'At least',
    speakerMax: 'At most',
    speakersOpen: 'Empty: detected automatically.',
    hotwords: 'Vocabulary',
    hotwordsAbout: 'Names and terms to expect, separated by commas.',
    prompt: 'Prompt',
    promptAbout: 'A sentence that might precede the recording. Its spelling and punctuation are imitated.',
    outDir: 'Folder',
    outDirAbout: 'Absolute path. Empty: beside the recording.',
    outDirAboutBrowser:
      'Absolute path on the engine’s computer. Empty: beside the recording, or in the app’s folder for uploads.',
    conflict: 'If the file exists',
    conflicts,
    whenDone: 'If already transcribed',
    whenDoneRules,
    workersTitle: 'Where it runs',
    mode: 'Mode',
    workerModes,
    thisComputer: 'This computer',
    thisComputerNone: 'No worker is set up on this computer.',
    toWorkers: 'Workers…',
    timeout: 'Give up after',
    timeoutUnit: 'seconds without progress',
    poll: 'Ask again after',
    pollUnit: 'seconds, for workers that do not report by themselves',
    linksTitle: 'Connection',
    linksAbout: 'How a remote worker reaches the recording it is working on.',
    tunnel: 'Method',
    tunnels,
    identityTitle: 'Expected build',
    identityAbout:
      'A worker that runs another build is flagged on every screen and keeps working. Empty: not compared.',
    commit: 'Commit',
    digest: 'Image digest',
    lookTitle: 'Appearance',
    lookAbout: 'Kept in this browser only.',
    theme: 'Theme',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    interfaceLanguage: 'Interface language',
    languageSystem: 'System',
    badRange: 'The minimum number of speakers is larger than the maximum.',
    badTimeout: 'From 60 seconds to 7 days.',
    badPoll: 'From 0.2 to 60 seconds.',
  },
  output: {
    template: 'File names',
    templateAbout: (fields: string) => `Empty: named like the recording. Use / for folders, and the fields ${fields}`,
    layout: 'Subtitle layout',
    vttWords: 'Word times in VTT',
    vttWordsAbout: 'Players can then highlight the spoken word.',
    channels: 'Channels',
    channelRules: { mix: 'Mixed together', separate: 'One speaker per channel' },
    send: 'What is sent to a worker',
    sendRules: {
      audio: 'Audio track only, copied without loss',
      flac: 'Audio track only, as lossless FLAC',
      opus: 'Audio track only, small for a slow uplink (Opus, lossy)',
      original: 'The original file',
    },
  },
  profiles: {
    title: 'Profiles',
    about: 'Named options for a drop or a watched folder. Create one under Options in the queue.',
    none: 'No profile yet.',
    use: 'Profile',
    last: 'As last used',
    saveAs: 'Save as a profile',
    example: 'Interviews',
    save: 'Save profile',
    saved: (name: string) => `“${name}” is saved.`,
    replaces: 'A profile with this name is replaced.',
    remove: (name: string) => `Remove the profile ${name}`,
  },
  sheet: {
    title: 'Options for new recordings',
    titleFor: (count: number) => `Options for ${plural(count, 'item', 'items')}`,
    kept: 'Also used for later drops.',
  },
  folders: {
    title: 'Watched folders',
    about: 'Every new recording in these folders is queued automatically, once.',
    states,
    taken: (count: number) => (count === 0 ? '.' : `, ${recordings(count)} queued so far.`),
    watch: 'Watch',
    recursive: 'Include subfolders',
    profile: 'Options',
    asSettings: 'Same as settings',
    add: 'Watch a folder…',
    addShort: 'Watch',
    path: 'Folder to watch',
    pathAbout: 'Absolute path on the engine’s computer. Files already in it are left alone.',
    remove: (path: string) => `Stop watching ${path}`,
  },
  secrets: {
    title: 'Keys',
    about: 'Stored by the system, encrypted where possible, and never shown again.',
    aboutForgotten: 'This system cannot encrypt secrets, so they are forgotten when the app closes.',
    runpod: 'RunPod API key',
    runpodAbout: 'For renting a GPU from within the app.',
    huggingFace: 'Hugging Face token',
    huggingFaceAbout: 'For telling speakers apart. Its owner must have accepted the terms of the pyannote models.',
    saved: 'saved',
    saveNamed: (name: string) => `Save ${name}`,
    removeNamed: (name: string) => `Remove ${name}`,
  },
  privacy: {
    title: 'Privacy',
    about: 'What happens to your recordings with the current settings.',
    leaves: 'Leaves this computer',
    leavesNothing: 'Nothing. Recordings are transcribed here.',
    leavesSound: (where: string) =>
      `The audio of one recording at a time, to ${where}, by a signed link that expires with its job. The worker deletes it afterwards.`,
    never: 'Never sent',
    neverList: 'Telemetry, names of other files, your corrections, finished transcripts. There is no account.',
    queue: 'Queue and transcripts',
    queueWhere: 'In the app’s data directory on this computer, including your corrections.',
    outputs: 'Written files',
    outputsWhere: 'Beside the recordings, or in the folder that you chose.',
    secrets: 'Tokens and keys',
    secretsWhere: 'With the engine on this computer; never in this window, a log or an export.',
    window: 'This window',
    windowWhere: 'Theme, language and dismissed notices, in this browser only.',
    erase: 'Erase finished transcripts…',
    eraseNothing: 'There are no finished transcripts.',
    eraseAbout: (count: number) =>
      `Removes ${recordings(count)} and their transcripts from the app. Recordings and written files stay.`,
    eraseTitle: (count: number) => `Erase ${recordings(count)} from the app?`,
    eraseMore:
      'Their transcripts and all corrections are deleted for good. Recordings and written files stay where they are.',
    eraseButton: 'Erase',
  },
  paste: {
    title: 'Expected build for all workers',
    titleFor: (name: string) => `Expected build for ${name}`,
    field: 'Output of push_worker.sh',
    about: 'Paste all or part of its output, an image reference with digest, or a commit.',
    nothing: 'No commit or digest found in this text.',
    found: 'Found:',
    keep: 'Expect this',
    clear: 'Expect nothing',
  },
} as const;
