// Owns what an engine is made of: every part that comes from outside the room, by its interface.

import type { FolderLook, FolderStore, ProfileStore } from './intake-ports.ts';
import type { RentPods } from './pod-ports.ts';
import type {
  Chance,
  Clock,
  ConnectWorker,
  Inbox,
  LinkSigner,
  LocalWorker,
  Log,
  Media,
  OutputWriter,
  SecretStore,
  SettingsSource,
  TranscriptFiles,
  TunnelDrivers,
  Uploaded,
  WorkerAddress,
  WorkerFacing,
} from './ports.ts';
import type { BatchStore, JobStore } from './queue-ports.ts';
import type { SystemLook } from './system-look.ts';
import type { EditStore, KeptTranscripts, PeaksStore, SearchStore } from './transcript-ports.ts';
import type { WorkerRecords, WorkerStore } from './worker-ports.ts';

export interface ControllerParts {
  readonly jobs: JobStore;
  readonly batches: BatchStore;
  readonly edits: EditStore;
  readonly search: SearchStore;
  readonly peaks: PeaksStore;
  readonly profiles: ProfileStore;
  readonly folders: FolderStore;
  readonly folderLook: FolderLook;
  readonly system: SystemLook;
  readonly workers: WorkerStore;
  readonly workerRecords: WorkerRecords;
  readonly secrets: SecretStore;
  readonly settings: SettingsSource;
  readonly local: LocalWorker;
  readonly environmentWorker: WorkerAddress | null;
  readonly inbox: Inbox;
  readonly keptTranscripts: KeptTranscripts;
  readonly connect: ConnectWorker;
  /** Makes the drivers whose tunnels serve what `facing` offers, and nothing else. */
  readonly tunnels: (facing: WorkerFacing) => TunnelDrivers;
  readonly links: LinkSigner;
  readonly media: Media;
  readonly outputs: OutputWriter;
  readonly transcriptFiles: TranscriptFiles;
  readonly uploaded: Uploaded;
  readonly pods: RentPods;
  readonly installId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}
