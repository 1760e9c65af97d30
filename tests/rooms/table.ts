// Who may import whom. A room's own files are always allowed to it; what is not listed here is forbidden, type-only imports
// included. The reasons are in the design: pure rooms stay pure, drivers see the engine only through its ports, one room a database,
// one room React, and no room under src/ knows that Electron exists.

export interface Room {
  /** Rooms, or single files of them, that this room may import. */
  rooms: readonly string[];
  /** Of those, the ones of which only types may be imported. */
  typesOnly?: readonly string[];
  /** Packages by name; `node:*` stands for every module of Node. */
  packages: readonly string[];
}

const ports = 'src/controller/ports.ts';
const queuePorts = 'src/controller/queue-ports.ts';
const podPorts = 'src/controller/pod-ports.ts';
const intakePorts = 'src/controller/intake-ports.ts';
const workerPorts = 'src/controller/worker-ports.ts';
const transcriptPorts = 'src/controller/transcript-ports.ts';
/** Whoever writes a file needs it, and it needs nothing. */
const renaming = 'src/store/rename-over.ts';

export const rooms: Readonly<Record<string, Room>> = {
  'src/contract': { rooms: [], packages: ['zod'] },
  'src/jobs': { rooms: ['src/contract'], packages: [] },
  // docx is pure as well: it makes bytes of text.
  'src/transcript': { rooms: ['src/contract'], packages: ['docx'] },
  'src/controller': {
    rooms: ['src/contract', 'src/jobs', 'src/transcript'],
    // No files, sockets or processes: those lie behind the ports.
    packages: ['node:crypto', 'node:events', 'node:path', 'node:timers/promises'],
  },
  'src/store': {
    rooms: ['src/contract', 'src/jobs', ports, queuePorts, transcriptPorts, workerPorts, intakePorts, podPorts],
    packages: ['better-sqlite3', 'zod', 'node:*'],
  },
  'src/workers': { rooms: ['src/contract', 'src/jobs', ports, renaming], packages: ['undici', 'node:*'] },
  'src/tunnel': { rooms: ['src/contract', 'src/jobs', ports], packages: ['busboy', 'ws', 'node:*'] },
  // zod: the provider's own wire is read here; it is no boundary of this app's, and changes with the provider. Its logs are an event
  // stream, and there is one reader of those.
  'src/pods': {
    rooms: ['src/contract', 'src/jobs', ports, podPorts, 'src/workers/sse.ts'],
    packages: ['undici', 'zod', 'node:*'],
  },
  'src/media': {
    rooms: ['src/contract', 'src/jobs', ports, intakePorts],
    packages: [
      '@mediabunny/flac-encoder',
      '@wasm-audio-decoders/flac',
      'libopus-wasm',
      'mediabunny',
      'mpg123-decoder',
      'node:*',
    ],
  },
  'src/host': {
    rooms: [
      'src/contract',
      'src/controller',
      'src/store',
      'src/workers',
      'src/tunnel',
      'src/pods',
      'src/media',
      'src/transcript',
    ],
    packages: ['commander', 'dotenv', 'log-update', 'pino', 'zod', 'node:*'],
  },
  'src/ui': {
    // The page looks at a file as the engine would, before it sends it there.
    rooms: ['src/contract', 'src/jobs', 'src/transcript', 'src/media/signatures.ts', 'src/media/mp4-boxes.ts'],
    // mediabunny reads and decodes a recording for its waveform, in a worker of the browser.
    packages: ['@tanstack/react-virtual', 'mediabunny', 'react', 'react-aria-components', 'react-dom', 'zustand'],
  },
  'electron/main': { rooms: ['src/contract', renaming], packages: ['birpc', 'electron', 'electron-updater', 'node:*'] },
  // No `electron` here: process.parentPort is all that the engine sees of it.
  'electron/engine': { rooms: ['src/contract', 'src/host'], packages: ['birpc', 'node:*'] },
  // birpc is the other end of the engine's port; it is bundled in, for a sandboxed preload finds no package.
  'electron/preload': { rooms: ['src/contract'], typesOnly: ['src/contract'], packages: ['birpc', 'electron'] },
};

/** What a test (`*.test.ts`) and a behaviour suite (`*.cases.ts`) may import beyond what its room may. */
export const testPackages: readonly string[] = [
  '@testing-library/react',
  '@testing-library/user-event',
  'fast-check',
  'mammoth',
  'node:*',
  'vitest',
  // What another program's file looks like is said apart from what ours does.
  'zod',
];

/** In these rooms time and chance are arguments. */
export const pureRooms: readonly string[] = ['src/jobs', 'src/transcript'];

/** Endings that a relative import may have. */
export const extensions: readonly string[] = ['.ts', '.tsx', '.json', '.css', '.svg', '.png', '.woff2'];

/** Names that say nothing about what is inside. */
export const emptyNames: readonly string[] = [
  'common',
  'helper',
  'helpers',
  'index',
  'manager',
  'misc',
  'util',
  'utils',
];
