// Owns recordings on this computer's disks, behind the engine's port.

import type { FileIdentity, Media } from '../controller/ports.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { findRecordings } from './find.ts';
import { identify } from './identity.ts';
import { prepare } from './prepare.ts';

export class FileMedia implements Media {
  prepare(path: string, signal: AbortSignal): Promise<PreparedSource> {
    return prepare(path, signal);
  }

  find(path: string): Promise<readonly string[]> {
    return findRecordings(path);
  }

  identify(path: string): Promise<{ readonly file: FileIdentity; readonly contentType: string }> {
    return identify(path);
  }
}
