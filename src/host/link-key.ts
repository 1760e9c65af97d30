// Owns which key signs the links of this install: its own random one, or one made from SECRET_KEY where a person set it.

import { hkdfSync } from 'node:crypto';
import { AppError } from '../contract/errors.ts';
import type { Environment } from './settings-source.ts';

const KEY_BYTES = 32;
/** Letters of the shortest secret that is taken: 16 random hex digits are 64 bits. */
const SHORTEST = 16;
/** The predecessor signed with this one wherever none was set, so everybody can forge links with it. */
const WELL_KNOWN = 'default-secret-key';

/**
 * The key for signed links, 32 bytes.
 * @param random the install's own key, used unless SECRET_KEY is set
 * @throws AppError BAD_REQUEST when SECRET_KEY is known to everybody or too short to be a secret
 */
export function linkKeyFor(env: Environment, random: Uint8Array): Buffer {
  const secret = env['SECRET_KEY']?.trim();
  if (!secret) return Buffer.from(random);
  if (secret === WELL_KNOWN || secret.length < SHORTEST)
    throw new AppError(
      'BAD_REQUEST',
      `SECRET_KEY is no secret: give it ${SHORTEST} or more random characters (openssl rand -hex 32), or leave it out.`,
    );
  return Buffer.from(hkdfSync('sha256', secret, '', 'bulk-transcribe signed links', KEY_BYTES));
}
