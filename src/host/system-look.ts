// Owns the doctor's look at this computer: variables, Node, the data directory and its disk, the database, keys, the address for workers.

import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { arch, homedir, hostname, platform, release, totalmem, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SystemCheck, SystemLook, SystemNote } from '../controller/system-look.ts';
import type { Places } from './data-dir.ts';
import { lastLines } from './log.ts';
import type { Redaction } from './redaction.ts';
import type { Environment } from './settings-source.ts';

/** Variables of this app; those of others are no business of it. */
const OURS =
  /^(REMOTE_WORKER_|WORKER_|EXPECTED_WORKER_|CONTROLLER_|BULK_TRANSCRIBE_|SECRET_KEY$|HF_TOKEN$|IMAGE_DIGEST$)/;
/** Bytes of free disk below which nothing can go well, and below which it soon may not. */
const FULL_BYTES = 500e6;
const TIGHT_BYTES = 5e9;
const OLDEST_NODE = [20, 19] as const;
/** Milliseconds that the address for workers may take to answer. */
const ADDRESS_MS = 5_000;

export interface SystemLookParts {
  readonly places: Places;
  readonly env: Environment;
  readonly redaction: Redaction;
  /** CONTROLLER_BASE_URL, where it is set. */
  readonly baseUrl: string | null;
  /** What SQLite says of the database: `ok`, or what is wrong. */
  readonly checkDatabase: () => string;
  /** True where the operating system keeps secrets. */
  readonly secretsAreSystems: boolean;
  readonly fetch?: typeof fetch;
}

export function systemLook(parts: SystemLookParts): SystemLook {
  const { places, env, redaction } = parts;
  const looks: Record<SystemCheck, () => SystemNote | Promise<SystemNote>> = {
    environment: () => environment(env),
    node: () => node(),
    data_directory: () => dataDirectory(places.dataDir),
    disk_space: () => diskSpace(places.dataDir),
    database: () => database(parts.checkDatabase()),
    secrets: () => secrets(places.dataDir, parts.secretsAreSystems),
    signing_key: () =>
      env['SECRET_KEY'] === undefined
        ? note('ok', 'Links are signed with a key of this installation’s own.')
        : note('ok', 'Links are signed with SECRET_KEY.'),
    base_url: () => baseUrl(parts.baseUrl, parts.fetch ?? fetch),
    local_worker: () =>
      existsSync(join(places.venvDir, platform() === 'win32' ? 'Scripts' : 'bin'))
        ? note('ok', 'The worker for this computer is set up.')
        : note('warning', 'The worker for this computer is not set up yet; that is done when it is first needed.', [
            'Run "bulk-transcribe worker install" to do it now. Python 3.10 or newer is needed.',
          ]),
  };
  return {
    look: async (check) => looks[check](),
    facts: () => ({
      ...{ node: process.version, platform: platform(), release: release(), arch: arch() },
      ...{
        memoryMB: Math.round(totalmem() / 1e6),
        commit: places.commit ?? 'unknown',
        page: places.uiDir === null ? 'none' : 'built',
      },
    }),
    logLines: (most) => lastLines(places.dataDir, most),
    redact: (text) => redaction.clean(text),
    folders: () => [
      [places.dataDir, '[data directory]'],
      [places.modelsDir, '[models]'],
      [homedir(), '[home]'],
      [hostname(), '[computer]'],
      [userInfo().username, '[user]'],
    ],
  };
}

function note(verdict: SystemNote['verdict'], message: string, advice: string[] = []): SystemNote {
  return { verdict, message, advice };
}

function environment(env: Environment): SystemNote {
  const ours = Object.entries(env).filter(([name, value]) => OURS.test(name) && value !== undefined && value !== '');
  const odd = ours
    .filter(([, value = '']) => value !== value.trim() || /^(["']).*\1$/.test(value))
    .map(([name]) => name);
  if (odd.length > 0)
    return note('warning', `${odd.join(', ')}: there are spaces or quotation marks around the value.`, [
      'Take them away: they would count as a part of it.',
    ]);
  const names = ours.map(([name]) => name).sort();
  return note('ok', names.length === 0 ? 'No variable of this app is set.' : `Set: ${names.join(', ')}.`);
}

function node(): SystemNote {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
    ? note('ok', `Node ${process.versions.node}.`)
    : note('failed', `Node ${process.versions.node} is too old.`, [`Install Node ${OLDEST_NODE.join('.')} or newer.`]);
}

async function dataDirectory(dataDir: string): Promise<SystemNote> {
  const trial = join(dataDir, `.doctor-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(trial, 'x', { mode: 0o600, flush: true });
  } catch (cause) {
    return note('failed', `Nothing can be written to ${dataDir}: ${String(cause)}`, [
      'Give your user the right to write there, make room, or choose another folder with --data-dir.',
    ]);
  } finally {
    await rm(trial, { force: true });
  }
  const open = platform() !== 'win32' && (statSync(dataDir).mode & 0o077) !== 0;
  return open
    ? note('warning', `${dataDir} may be read by other users of this computer.`, [`Run: chmod 700 "${dataDir}"`])
    : note('ok', `${dataDir} is this user’s alone, and may be written to.`);
}

async function diskSpace(dataDir: string): Promise<SystemNote> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const text = `${(free / 1e9).toFixed(1)} GB are free where the queue and the transcripts lie.`;
  if (free >= TIGHT_BYTES) return note('ok', text);
  const advice = [
    'Make room on this disk, or move the data directory with --data-dir. Nothing is lost meanwhile: jobs wait.',
  ];
  return note(free < FULL_BYTES ? 'failed' : 'warning', text, advice);
}

function database(verdict: string): SystemNote {
  return verdict === 'ok'
    ? note('ok', 'The database is whole.')
    : note('failed', `The database is damaged: ${verdict}`, [
        'Stop the app and keep a copy of the data directory.',
        'Start with a fresh data directory; written transcripts are untouched.',
      ]);
}

function secrets(dataDir: string, areSystems: boolean): SystemNote {
  if (areSystems) return note('ok', 'Secrets are encrypted by the operating system.');
  const folder = join(dataDir, 'secrets');
  const open = platform() !== 'win32' && existsSync(folder) && (statSync(folder).mode & 0o077) !== 0;
  return open
    ? note('failed', 'The folder of secrets may be read by other users of this computer.', [
        `Run: chmod 700 "${folder}"`,
      ])
    : note('ok', 'Secrets are files of this user alone.');
}

/** Any answer will do: it proves that the address leads somewhere. That it leads here is proven by the first job. */
async function baseUrl(url: string | null, ask: typeof fetch): Promise<SystemNote> {
  if (url === null) return note('skipped', 'CONTROLLER_BASE_URL is not set: workers with a tunnel do not need it.');
  const { hostname: host, protocol } = new URL(url);
  if (['localhost', '127.0.0.1', '[::1]', '0.0.0.0'].includes(host))
    return note('warning', `CONTROLLER_BASE_URL is ${url}: for a worker elsewhere that is its own computer.`, [
      'Set it to an address at which the worker reaches this computer.',
    ]);
  try {
    const { status } = await ask(url, { redirect: 'manual', signal: AbortSignal.timeout(ADDRESS_MS) });
    const text = `${url} answers (${status}).`;
    return protocol === 'http:'
      ? note('warning', `${text} It is not encrypted.`, ['Use an https address.'])
      : note('ok', text);
  } catch (cause) {
    return note('failed', `${url} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`, [
      'Check that the name leads to this computer, and that the firewall lets it in.',
      'Check that the app is running: it answers there only then.',
    ]);
  }
}
