// Owns serving a recording to a player on this computer: the grant in the address, ranges, and the file that was granted or none.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../contract/errors.ts';
import { SECURITY_HEADERS } from '../contract/page-files.ts';
import { say } from '../contract/sentences.ts';
import type { PlaybackGrants } from '../controller/playback-calls.ts';
import { openIdentified } from '../media/identity.ts';
import { requestedRange } from '../tunnel/range.ts';
import { HttpRefusal } from './http-answer.ts';

const ROUTE = /^\/api\/jobs\/([^/]{1,400})\/media$/;

/** The job whose recording a request asks for, or null when it asks for something else. */
export function recordingOf(method: string, path: string): string | null {
  if (method !== 'GET' && method !== 'HEAD') return null;
  const id = ROUTE.exec(path)?.[1];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}

/**
 * Answers GET and HEAD of a recording.
 * @throws AppError FORBIDDEN (a grant that is not good), SOURCE_MISSING, SOURCE_CHANGED, SOURCE_UNREADABLE; HttpRefusal 416
 */
export async function answerRecording(
  grants: PlaybackGrants,
  jobId: string,
  query: URLSearchParams,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const [grant = '', ...more] = query.getAll('grant');
  const granted = more.length > 0 ? null : grants.granted(jobId, grant);
  if (granted === null) throw new AppError('FORBIDDEN', say('recording_link_old'));
  const { sizeBytes, mtimeNs, inode } = granted.file;
  const file = await openIdentified(granted.file);
  try {
    const etag = `"${inode}-${sizeBytes}-${mtimeNs}"`;
    const range = requestedRange(req.headers, sizeBytes, etag);
    if (range.kind === 'unsatisfiable')
      throw new HttpRefusal(416, 'The range begins past the end.', { 'Content-Range': `bytes */${sizeBytes}` });
    const { start, end } = range.kind === 'part' ? range : { start: 0, end: sizeBytes };
    res.writeHead(range.kind === 'part' ? 206 : 200, {
      ...SECURITY_HEADERS,
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'Cache-Control': 'no-store',
      'Accept-Ranges': 'bytes',
      ETag: etag,
      'Content-Type': granted.contentType,
      'Content-Length': end - start,
      ...(range.kind === 'part' ? { 'Content-Range': `bytes ${start}-${end - 1}/${sizeBytes}` } : {}),
    });
    if (req.method === 'HEAD' || end === start) {
      res.end();
      return;
    }
    const bytes = file.createReadStream({ start, end: end - 1, autoClose: false });
    await pipeline(bytes, res, { end: false });
    // The file became shorter while it was read: only a cut says that this is not all.
    if (bytes.bytesRead < end - start) throw new AppError('SOURCE_CHANGED');
    res.end();
  } catch (thrown) {
    // A player that moves on hangs up in the middle; that is nobody's error.
    if (!res.destroyed) throw thrown;
  } finally {
    await file.close();
  }
}
