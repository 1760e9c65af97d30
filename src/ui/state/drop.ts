// Owns what a drop or a choice of files means: each folder a batch, loose files one more. Reads folders where the browser must.

import type { Desktop } from '../client/client.ts';

/** What becomes one batch: paths on a desktop, files in a browser. */
export interface DropGroup {
  /** The folder's name; null for loose files, which the engine names. */
  readonly name: string | null;
  readonly paths: readonly string[];
  readonly files: readonly File[];
}

/** Endings taken from inside a folder. A file that was dropped itself is always taken: its person means it. */
const RECORDING =
  /\.(wav|mp3|m4a|m4b|aac|flac|ogg|oga|opus|aif|aiff|wma|amr|mp4|m4v|mov|mkv|webm|avi|mpg|mpeg|3gp|ts|mts|m2ts|caf)$/i;

/** Loose files or folders by their paths. */
export function groupOfPaths(paths: readonly string[]): DropGroup[] {
  return paths.length === 0 ? [] : [{ name: null, paths, files: [] }];
}

/** Files from a file input: one group. Of a folder that was chosen, the recordings in it, under its name. */
export function groupOfFiles(files: readonly File[]): DropGroup[] {
  const folder = files[0]?.webkitRelativePath?.split('/')[0] ?? '';
  const taken = folder === '' ? files : files.filter((file) => RECORDING.test(file.name));
  return taken.length === 0 ? [] : [{ name: folder === '' ? null : folder, paths: [], files: taken }];
}

/** The absolute paths in a text, one a line, as file managers and terminals copy them; nothing where any line is something else. */
export function pathsIn(text: string): string[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((line) => line !== '');
  const paths = lines.map((line) => (line.startsWith('file://') ? pathOfAddress(line) : line));
  return paths.every((path) => /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(path)) ? paths : [];
}

function pathOfAddress(address: string): string {
  try {
    const path = decodeURIComponent(new URL(address).pathname);
    return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
  } catch {
    return '';
  }
}

/** Reads a drop. Must be called at once in the event: the browser empties `transfer` right after it. */
export function readDrop(transfer: DataTransfer, desktop: Desktop | null): Promise<DropGroup[]> {
  const things = [...transfer.items]
    .filter((thing) => thing.kind === 'file')
    .map((thing) => ({ entry: thing.webkitGetAsEntry?.() ?? null, file: thing.getAsFile() }));
  if (things.length === 0) return Promise.resolve(groupOfFiles([...transfer.files]));
  return desktop === null ? readHere(things) : Promise.resolve(readPaths(things, desktop));
}

interface Dropped {
  readonly entry: FileSystemEntry | null;
  readonly file: File | null;
}

function readPaths(things: readonly Dropped[], desktop: Desktop): DropGroup[] {
  const loose: string[] = [];
  const groups: DropGroup[] = [];
  for (const { entry, file } of things) {
    const path = file === null ? '' : desktop.pathOf(file);
    if (path === '') continue;
    if (entry?.isDirectory === true) groups.push({ name: entry.name, paths: [path], files: [] });
    else loose.push(path);
  }
  return [...groups, ...groupOfPaths(loose)];
}

async function readHere(things: readonly Dropped[]): Promise<DropGroup[]> {
  const loose: File[] = [];
  const groups: DropGroup[] = [];
  for (const { entry, file } of things) {
    if (isFolder(entry)) {
      const files = await filesIn(entry);
      if (files.length > 0) groups.push({ name: entry.name, paths: [], files });
    } else if (file !== null) {
      loose.push(file);
    }
  }
  return [...groups, ...groupOfFiles(loose)];
}

function isFolder(entry: FileSystemEntry | null): entry is FileSystemDirectoryEntry {
  return entry?.isDirectory === true;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const found: File[] = [];
  for (const entry of await entriesOf(folder)) {
    if (isFolder(entry)) found.push(...(await filesIn(entry)));
    else if (isFile(entry) && RECORDING.test(entry.name)) found.push(await fileOf(entry));
  }
  return found;
}

/** `readEntries` gives at most a hundred at a time and an empty list at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
