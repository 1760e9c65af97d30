// Owns the private scheme that the page comes from: `app://bulk-transcribe/…` is the built page's folder, the recordings that the engine
// granted to it, and nothing else.

import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { CustomScheme, Protocol } from 'electron';
import { PAGE_HOST, PAGE_SCHEME } from '../../src/contract/desktop-ipc.ts';
import { pageFile, pageHeaders } from '../../src/contract/page-files.ts';
import { answerRecording } from './recording.ts';

/** To be registered before the app is ready. Standard and secure, so that `'self'` and origins mean what they mean on the web. */
export const PAGE_SCHEME_PRIVILEGES: CustomScheme = {
  scheme: PAGE_SCHEME,
  // Streamed: a player would otherwise wait for the whole recording.
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true, stream: true },
};

/** Call when the app is ready. */
export function setupProtocol({
  protocol,
  uiDir,
  enginePort,
}: {
  readonly protocol: Pick<Protocol, 'handle'>;
  readonly uiDir: string;
  readonly enginePort: () => number | null;
}): void {
  protocol.handle(PAGE_SCHEME, (request) => answerRecording(enginePort(), request) ?? answerPage(uiDir, request));
}

/** The answer to one request for the page: the file with its headers, or 404. */
export async function answerPage(
  uiDir: string,
  request: { readonly method: string; readonly url: string },
): Promise<Response> {
  if (request.method !== 'GET') return new Response(null, { status: 405 });
  const segments = segmentsOf(request.url);
  const bytes = segments === null ? null : await readInside(uiDir, segments);
  if (segments === null || bytes === null) return new Response(null, { status: 404 });
  return new Response(bytes, { headers: pageHeaders(segments) });
}

function segmentsOf(address: string): readonly string[] | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const ours =
    url.protocol === `${PAGE_SCHEME}:` && url.host === PAGE_HOST && url.username === '' && url.password === '';
  return ours ? pageFile(url.pathname) : null;
}

const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EISDIR']);

async function readInside(uiDir: string, segments: readonly string[]): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const root = await realpath(uiDir);
    const real = await realpath(join(root, ...segments));
    // With the separator: a folder beside it may begin with its name.
    if (!real.startsWith(root + sep) || !(await stat(real)).isFile()) return null;
    return new Uint8Array(await readFile(real));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && NOT_THERE.has(String(cause.code))) return null;
    throw cause;
  }
}
