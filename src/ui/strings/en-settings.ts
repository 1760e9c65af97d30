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
  skip: 'Leave it, write nothing',
};

const whenDoneRules: Record<(typeof WHEN_DONE_RULES)[number], string> = {
  skip: 'Take over the text that is there',
  again: 'Transcribe it again',
};

const tunnels: Record<TunnelChoice, { title: string; about: string }> = {
  auto: {
    title: 'The best there is',
    about: "The worker's own connection where it has one, else a public address, else cloudflared.",
  },
  worker: { title: "The worker's own", about: 'This computer connects to the worker; nothing has to be opened here.' },
  address: { title: 'A public address of this computer', about: 'CONTROLLER_BASE_URL says which.' },
  cloudflared: {
    title: 'cloudflared',
    about: "Cloudflare's program opens a temporary address, where it is installed.",
  },
};

const states: Record<WatchState, string> = {
  starting: 'Being looked at',
  watching: 'Watched',
  missing: 'Not there now: it is looked for again by itself',
  unreadable: 'May not be read',
  off: 'Off',
};

/** Part of the catalogue. */
export const settingsTexts = {
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
    hotwords: 'Vocabulary',
    hotwordsAbout: 'Names and terms that occur, separated by commas. They are heard more readily.',
    prompt: 'Words before it',
    promptAbout: 'A sentence that might come before the recording: its spelling and punctuation are followed.',
    outDir: 'Folder',
    outDirAbout: 'Absolute path. Empty: beside the recording.',
    outDirAboutBrowser:
      'Absolute path on the computer of the engine. Empty: beside the recording, or in the app where it was read in.',
    conflict: 'If the file is there',
    conflicts,
    whenDone: 'If it was transcribed before',
    whenDoneRules,
    workersTitle: 'Where it works',
    mode: 'Mode',
    workerModes,
    thisComputer: 'This computer',
    thisComputerNone: 'No worker is set up on this computer.',
    toWorkers: 'Workers…',
    timeout: 'Give up after',
    timeoutUnit: 'seconds without progress',
    poll: 'Ask again after',
    pollUnit: 'seconds, where a worker does not tell by itself',
    linksTitle: 'Connection',
    linksAbout: 'How a remote worker reaches the one recording that it is given.',
    tunnel: 'Way',
    tunnels,
    identityTitle: 'Expected build',
    identityAbout: 'A worker that runs another build is named on every screen. It keeps working. Empty: not compared.',
    commit: 'Commit',
    digest: 'Image digest',
    lookTitle: 'Appearance',
    lookAbout: 'Kept in this browser, not in the queue.',
    theme: 'Theme',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    interfaceLanguage: 'Language of the interface',
    languageSystem: 'As the system',
    badRange: 'The least number of speakers is larger than the most.',
    badTimeout: 'From 60 seconds to 7 days.',
    badPoll: 'From 0.2 to 60 seconds.',
  },
  output: {
    template: 'Names of the files',
    templateAbout: (fields: string) => `Empty: as the recording. Folders with /, and the fields ${fields}`,
    layout: 'Layout of subtitles',
    vttWords: 'A time for every word in VTT',
    vttWordsAbout: 'Players can then mark the word that is spoken.',
    channels: 'Channels',
    channelRules: { mix: 'Together', separate: 'Each by itself, as a speaker of its own' },
    send: 'What is sent to a worker',
    sendRules: {
      audio: 'The audio track alone, copied without loss',
      flac: 'The audio track alone, packed without loss',
      original: 'The file as it is',
    },
  },
  profiles: {
    title: 'Profiles',
    about: 'Options under a name, for a drop or a watched folder. Make one in the options of the queue.',
    none: 'No profile yet.',
    use: 'Profile',
    last: 'As last used',
    saveAs: 'Save these as a profile',
    example: 'Interviews',
    save: 'Save profile',
    saved: (name: string) => `“${name}” is saved.`,
    replaces: 'A profile of this name is replaced.',
    remove: (name: string) => `Remove the profile ${name}`,
  },
  sheet: {
    title: 'Options of new recordings',
    titleFor: (count: number) => `Options of ${plural(count, 'item', 'items')}`,
    kept: 'Used for later drops too.',
  },
  folders: {
    title: 'Watched folders',
    about: 'Every recording that is put into one is queued by itself, once.',
    states,
    taken: (count: number) => (count === 0 ? '.' : `, ${recordings(count)} taken.`),
    watch: 'Watch it',
    recursive: 'Folders in it too',
    profile: 'Options',
    asSettings: 'As in the settings',
    add: 'Watch a folder…',
    addShort: 'Watch it',
    path: 'Folder to watch',
    pathAbout: 'Absolute path on the computer of the engine. What is in it already is left alone.',
    remove: (path: string) => `Stop watching ${path}`,
  },
  secrets: {
    title: 'Keys',
    about: 'Kept by the system, encrypted where it can; shown to nobody again.',
    aboutForgotten: 'This system offers no encryption for secrets: they are forgotten when the app is closed.',
    runpod: 'RunPod API key',
    runpodAbout: 'For renting a GPU from within the app.',
    huggingFace: 'Hugging Face token',
    huggingFaceAbout: 'For telling speakers apart. Its owner has accepted the terms of the pyannote models.',
    saved: 'saved',
    saveNamed: (name: string) => `Save ${name}`,
    removeNamed: (name: string) => `Remove ${name}`,
  },
  privacy: {
    title: 'Privacy',
    about: 'What happens to your recordings as the app is set now.',
    leaves: 'Leaves this computer',
    leavesNothing: 'Nothing. Recordings are transcribed here.',
    leavesSound: (where: string) =>
      `The sound of one recording at a time, to ${where}, by a signed link that ends with its job. The worker deletes it afterwards.`,
    never: 'Never sent',
    neverList: 'Telemetry, names of other files, corrections, finished texts. There is no account.',
    queue: 'Queue and texts',
    queueWhere: 'In the data directory of the app on this computer, with every correction.',
    outputs: 'Written files',
    outputsWhere: 'Beside the recordings, or in the folder that you chose.',
    secrets: 'Tokens and keys',
    secretsWhere: 'With the engine on this computer, never in this window, in a log or in an export.',
    window: 'This window',
    windowWhere: 'Theme, language and dismissed notes, in this browser only.',
    erase: 'Erase finished texts…',
    eraseNothing: 'Nothing finished is kept now.',
    eraseAbout: (count: number) =>
      `${recordings(count)} that are over leave the app with their texts. Recordings and written files stay.`,
    eraseTitle: (count: number) => `Erase ${recordings(count)} from the app?`,
    eraseMore:
      'Their texts and all corrections go and cannot be brought back. Recordings and written files stay where they are.',
    eraseButton: 'Erase',
  },
  paste: {
    title: 'Expected build of all workers',
    titleFor: (name: string) => `Expected build of ${name}`,
    field: 'What push_worker.sh printed',
    about: 'All of its output or some lines of it; also an image reference with its digest, or a commit alone.',
    nothing: 'There is neither a commit nor a digest in this text.',
    found: 'Found:',
    keep: 'Expect this',
    clear: 'Expect nothing',
  },
} as const;
