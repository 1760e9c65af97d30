// Owns the assembly of the engine: makes every part, joins them, starts them. No logic of its own.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppApi } from '../contract/api.ts';
import type { EngineDuty } from '../controller/controller.ts';
import { Controller } from '../controller/controller.ts';
import type { PlaybackGrants } from '../controller/playback-calls.ts';
import type { Log, SecretStore } from '../controller/ports.ts';
import { FOLDER_LOOK } from '../media/folder-look.ts';
import { FileMedia } from '../media/media.ts';
import { SqliteBatchStore } from '../store/batch-store.ts';
import { checkDatabase, openDatabase } from '../store/database.ts';
import { SqliteEditStore } from '../store/edit-store.ts';
import { awaitDataDirectory } from '../store/engine-lock.ts';
import { FileSecretStore } from '../store/file-secrets.ts';
import { FileInbox } from '../store/inbox-files.ts';
import { loadInstall } from '../store/install.ts';
import { SqliteIntakeStore } from '../store/intake-store.ts';
import { SqliteJobStore } from '../store/job-store.ts';
import { SqlitePeaksStore } from '../store/peaks-store.ts';
import { SqlitePodStore } from '../store/pod-store.ts';
import { SqliteSearchStore } from '../store/search-store.ts';
import { SqliteSettingsStore } from '../store/settings-store.ts';
import { TranscriptFileStore } from '../store/transcript-files.ts';
import { SqliteWorkerRecords } from '../store/worker-records.ts';
import { SqliteWorkerStore } from '../store/worker-store.ts';
import { createLinkSigner, createLinkVerifier } from '../tunnel/signed-link.ts';
import { LocalWorkerProcess } from '../workers/local-worker.ts';
import { connectWorker } from '../workers/worker-client.ts';
import { readApiToken } from './api-token.ts';
import { makeDataDir, type Places } from './data-dir.ts';
import { linkKeyFor } from './link-key.ts';
import { fileLog } from './log.ts';
import { OutputFiles } from './output-files.ts';
import { Redaction } from './redaction.ts';
import { rentAtRunpod } from './renting.ts';
import type { Environment } from './settings-source.ts';
import { environmentWorker, fixedAddress, LayeredSettings, listenPort, namedTunnel } from './settings-source.ts';
import { SYSTEM_CHANCE, SYSTEM_CLOCK } from './system.ts';
import { systemLook } from './system-look.ts';
import { readTranscriptFile } from './transcript-file.ts';
import type { Tunnels } from './tunnels.ts';
import { makeTunnels } from './tunnels.ts';
import { Uploads } from './uploads.ts';

export interface ComposeOptions {
  readonly places: Places;
  readonly env: Environment;
  readonly duty: EngineDuty;
  /** The desktop app brings the operating system's encryption; without it, secrets are 0600 files. */
  readonly secrets?: SecretStore;
  /** Default: a file in the data directory. */
  readonly log?: Log;
}

export interface Engine {
  readonly api: AppApi;
  readonly uploads: Uploads;
  readonly playback: PlaybackGrants;
  readonly log: Log;
  /** Stops everything in order; the queue stays on disk. A second call waits for the first. */
  close(): Promise<void>;
}

/** Which key signed a link; there is one key an install. */
const LINK_KEY_ID = 'k1';

/**
 * Builds the engine on a data directory and starts it.
 * @throws AppError ENGINE_RUNNING, DATABASE_NEWER, DATABASE_DAMAGED, BAD_REQUEST (a wrong environment variable)
 */
export async function compose(options: ComposeOptions): Promise<Engine> {
  const { places, env } = options;
  const clock = SYSTEM_CLOCK;
  const chance = SYSTEM_CHANCE;
  const version = appVersion();
  makeDataDir(places.dataDir);
  const unlock = await awaitDataDirectory(places.dataDir, clock);
  const undo: (() => void | Promise<void>)[] = [unlock];
  try {
    const redaction = new Redaction();
    redaction.hideEnvironment(env);
    redaction.hide(readApiToken(places.dataDir));
    const log = options.log ?? ownLog(places.dataDir, undo, redaction);
    const db = openDatabase(join(places.dataDir, 'queue.sqlite'), clock.now());
    undo.push(() => void db.close());
    const secrets = hidden(options.secrets ?? new FileSecretStore(join(places.dataDir, 'secrets')), redaction);
    const install = loadInstall(db, secrets, clock.now());
    const linkKey = linkKeyFor(env, install.linkKey);
    const verify = createLinkVerifier(linkKey, LINK_KEY_ID);
    const ways = { address: fixedAddress(env), named: namedTunnel(env), port: listenPort(env) };
    let tunnels = null as Tunnels | null;
    const media = new FileMedia({ folder: join(places.dataDir, 'prepared') });
    undo.push(() => void media.close());
    const uploads = new Uploads({ dataDir: places.dataDir });
    await uploads.removePartial();

    const settings = new LayeredSettings(new SqliteSettingsStore(db), env, clock);
    const intake = new SqliteIntakeStore(db);
    const jobs = new SqliteJobStore(db);
    const controller = new Controller({
      jobs,
      batches: new SqliteBatchStore(db),
      edits: new SqliteEditStore(db),
      search: new SqliteSearchStore(db),
      peaks: new SqlitePeaksStore(db),
      profiles: intake,
      folders: intake,
      folderLook: FOLDER_LOOK,
      system: systemLook({
        ...{ places, env, redaction, baseUrl: ways.address?.baseUrl ?? null },
        checkDatabase: () => checkDatabase(db),
        secretsAreSystems: options.secrets !== undefined,
      }),
      workers: new SqliteWorkerStore(db),
      workerRecords: new SqliteWorkerRecords(db),
      secrets,
      settings,
      local: new LocalWorkerProcess({
        dataDir: places.dataDir,
        packageDir: places.workerPackageDir,
        venvDir: places.venvDir,
        env: { ...env, WORKER_MODELS_DIR: places.modelsDir, BUILD_COMMIT: places.commit ?? undefined },
        clock,
        chance,
        log,
      }),
      environmentWorker: environmentWorker(env),
      inbox: new FileInbox(join(places.dataDir, 'inbox')),
      keptTranscripts: new TranscriptFileStore(join(places.dataDir, 'transcripts')),
      connect: connectWorker({ version }),
      tunnels: (facing) => {
        const { dataDir } = places;
        const made = makeTunnels({ ...ways, facing, verify, installId: install.id, dataDir, env, clock, chance, log });
        undo.push(() => made.close());
        tunnels = made;
        return made.drivers;
      },
      links: createLinkSigner(linkKey, LINK_KEY_ID),
      media,
      outputs: new OutputFiles(),
      transcriptFiles: { read: readTranscriptFile },
      uploaded: {
        path: (id) => uploads.path(id),
        async forget(path) {
          const id = uploads.idOf(path);
          if (id !== null) await uploads.remove(id);
        },
        outputDir: join(places.dataDir, 'outputs'),
      },
      pods: rentAtRunpod({
        ...{ env, secrets, settings, version, clock, chance, log, installId: install.id },
        store: new SqlitePodStore(db),
      }),
      installId: install.id,
      version,
      clock,
      chance,
      log,
    });
    log.info('engine_started', { version, dataDir: places.dataDir });
    const takesWork = options.duty === 'work' || options.duty === 'serve';
    if (takesWork) await tunnels?.start();
    if (takesWork) await controller.tidy();
    if (takesWork) await uploads.removeForgotten(() => jobs.sourcesSince(0), clock.now());
    controller.start(options.duty);

    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      await tunnels?.close();
      await controller.close();
      log.info('engine_stopped');
      await undone(undo);
    };
    return {
      api: controller,
      uploads,
      playback: controller.playback,
      log,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await undone(undo);
    throw error;
  }
}

/** Secrets that pass through here are known to the log from then on. */
function hidden(secrets: SecretStore, redaction: Redaction): SecretStore {
  return {
    get(name) {
      const value = secrets.get(name);
      redaction.hide(value);
      return value;
    },
    set(name, value) {
      redaction.hide(value);
      secrets.set(name, value);
    },
    delete: (name) => secrets.delete(name),
  };
}

/** Takes back what was opened, the last first. */
async function undone(steps: (() => void | Promise<void>)[]): Promise<void> {
  for (const step of steps.reverse()) await step();
}

function ownLog(dataDir: string, undo: (() => void | Promise<void>)[], redaction: Redaction): Log {
  const log = fileLog(dataDir, { redaction });
  undo.push(() => log.close());
  return log;
}

/** The version in package.json. */
export function appVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0.0.0';
}
