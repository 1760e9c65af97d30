// Owns what makes this install this one: the id under which workers know it, and the key that signs its links.

import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { SecretStore } from '../controller/ports.ts';
import { sqlite } from './sqlite-errors.ts';

const KEY_NAME = 'link-signing-key';
const KEY_BYTES = 32;

export interface Install {
  /** Kept for as long as the database is. */
  readonly id: string;
  /** 32 random bytes. Never in the database: whoever gets a copy of that can sign nothing. */
  readonly linkKey: Uint8Array;
}

/** The install's id and key, made at the first start. Links signed with a key that was lost are simply made anew. */
export function loadInstall(db: Database, secrets: SecretStore, now: number): Install {
  const id = sqlite(() => {
    db.prepare('insert into install (one, id, created_at) values (1, ?, ?) on conflict do nothing').run(
      randomUUID(),
      now,
    );
    return z.string().parse(db.prepare('select id from install').pluck().get());
  });
  return { id, linkKey: loadKey(secrets) };
}

function loadKey(secrets: SecretStore): Uint8Array {
  const saved = Buffer.from(secrets.get(KEY_NAME) ?? '', 'base64url');
  if (saved.length === KEY_BYTES) return saved;
  const made = randomBytes(KEY_BYTES);
  secrets.set(KEY_NAME, made.toString('base64url'));
  return made;
}
