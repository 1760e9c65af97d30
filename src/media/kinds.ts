// Owns which files count as recordings by their ending, and the media type of each.

import { extname } from 'node:path';

const KINDS: Readonly<Record<string, string>> = {
  '.3gp': 'video/3gpp',
  '.aac': 'audio/aac',
  '.ac3': 'audio/ac3',
  '.aif': 'audio/aiff',
  '.aifc': 'audio/aiff',
  '.aiff': 'audio/aiff',
  '.amr': 'audio/amr',
  '.ape': 'audio/x-ape',
  '.asf': 'video/x-ms-asf',
  '.avi': 'video/x-msvideo',
  '.caf': 'audio/x-caf',
  '.dss': 'audio/x-dss',
  '.flac': 'audio/flac',
  '.flv': 'video/x-flv',
  '.m2ts': 'video/mp2t',
  '.m4a': 'audio/mp4',
  '.m4b': 'audio/mp4',
  '.m4v': 'video/mp4',
  '.mka': 'audio/x-matroska',
  '.mkv': 'video/x-matroska',
  '.mov': 'video/quicktime',
  '.mp2': 'audio/mpeg',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.mpeg': 'video/mpeg',
  '.mpg': 'video/mpeg',
  '.mts': 'video/mp2t',
  '.mxf': 'application/mxf',
  '.oga': 'audio/ogg',
  '.ogg': 'audio/ogg',
  '.ogv': 'video/ogg',
  '.opus': 'audio/ogg',
  '.spx': 'audio/ogg',
  '.ts': 'video/mp2t',
  '.vob': 'video/mpeg',
  '.w64': 'audio/x-w64',
  '.wav': 'audio/wav',
  '.wave': 'audio/wav',
  '.weba': 'audio/webm',
  '.webm': 'video/webm',
  '.wma': 'audio/x-ms-wma',
  '.wmv': 'video/x-ms-wmv',
};

/** Endings under which programmers keep text: found in a folder, they are recordings only when they are large. */
const DOUBTFUL: ReadonlySet<string> = new Set(['.ts', '.mts']);

/** A second of video in a transport stream is larger than nearly every source file. */
export const DOUBTFUL_BYTES = 1024 * 1024;

export type Likeness = 'recording' | 'doubtful' | 'other';

/** What the ending of a file's name says about it. */
export function likenessOf(name: string): Likeness {
  const ending = extname(name).toLowerCase();
  if (!Object.hasOwn(KINDS, ending)) return 'other';
  return DOUBTFUL.has(ending) ? 'doubtful' : 'recording';
}

/** The media type for a file's name; a neutral one for an ending that nobody knows. */
export function contentTypeOf(name: string): string {
  const ending = extname(name).toLowerCase();
  return (Object.hasOwn(KINDS, ending) ? KINDS[ending] : undefined) ?? 'application/octet-stream';
}
