// Owns reading the upload of a deployed worker: multipart/form-data with one file and three fields, under caps, with an end to waiting.

import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import type { DeployedOutputType } from '../contract/deployed-wire.ts';
import { DEPLOYED_OUTPUT_BYTES, deployedOutputTypeSchema } from '../contract/deployed-wire.ts';
import type { Clock } from '../controller/ports.ts';
import { RouteRefused } from './answers.ts';

/** A body of which no byte came for so long is given up. */
const IDLE_MS = 30_000;
/** What the form around the file may weigh: fields, headers of the parts, boundaries. */
const FORM_BYTES = 16 * 1024;
const FIELD_BYTES = 512;

export interface DeployedUpload {
  readonly workerJobId: string;
  readonly inputId: string;
  readonly outputType: DeployedOutputType;
  readonly file: Buffer;
}

/** True for a request that brings a form; anything else is for another reader. */
export function isMultipart(request: IncomingMessage): boolean {
  return /^multipart\/form-data(?:;|$)/i.test(request.headers['content-type']?.trim() ?? '');
}

/**
 * The upload in `request`, which {@link isMultipart}.
 * @param maxBytes the most that any file may have; its type may allow less
 * @throws RouteRefused 400 for a form that is not exactly this one, 413 as soon as too much was announced or came, 408 when it stops
 * coming, 415 for an encoded body
 */
export async function readUpload(request: IncomingMessage, maxBytes: number, clock: Clock): Promise<DeployedUpload> {
  if (request.headers['content-encoding'] !== undefined)
    throw refused(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must come without an encoding.');
  const whole = maxBytes + FORM_BYTES;
  if (Number(request.headers['content-length'] ?? 0) > whole) throw tooLarge();
  const form = parserFor(request, maxBytes);
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    const chunks: Buffer[] = [];
    let files = 0;
    let size = 0;
    let total = 0;
    let stopWatch = (): void => undefined;
    const leave = () => {
      stopWatch();
      request.off('data', count).off('close', cut);
      request.unpipe(form);
      form.removeAllListeners();
      // The parser still tells of what it was in the middle of.
      form.on('error', () => undefined);
      form.destroy();
    };
    const fail = (error: RouteRefused) => {
      leave();
      reject(error);
    };
    const watch = () => {
      stopWatch();
      stopWatch = clock.after(IDLE_MS, () => fail(refused(408, 'TIMEOUT', 'The body stopped coming.')));
    };
    const count = (chunk: Buffer) => {
      total += chunk.length;
      if (total > whole) fail(tooLarge());
      else watch();
    };
    const cut = () => fail(refused(400, 'BAD_REQUEST', 'The body was cut off.'));
    form.on('field', (name, value, { nameTruncated, valueTruncated }) => {
      if (nameTruncated || valueTruncated || fields.has(name)) fail(wrong('A field comes twice or is too long.'));
      else fields.set(name, value);
    });
    form.on('file', (name, stream) => {
      files += 1;
      stream.on('error', () => undefined);
      if (name !== 'file' || files > 1) {
        fail(wrong('There must be one file, of the name "file".'));
        return;
      }
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > Math.min(maxBytes, capOf(fields.get('outputType')))) fail(tooLarge());
        else chunks.push(chunk);
      });
    });
    for (const limit of ['fieldsLimit', 'filesLimit', 'partsLimit'] as const)
      form.once(limit, () => fail(wrong('The form has too many parts.')));
    form.once('error', (cause) => fail(wrong('The form cannot be read.', { cause })));
    form.once('close', () => {
      leave();
      const upload = uploadOf(fields, files, Buffer.concat(chunks, size));
      if (upload instanceof RouteRefused) reject(upload);
      else if (size > DEPLOYED_OUTPUT_BYTES[upload.outputType]) reject(tooLarge());
      else resolve(upload);
    });
    request.on('data', count).once('close', cut);
    request.pipe(form);
    watch();
  });
}

function parserFor(request: IncomingMessage, maxBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      limits: {
        fieldNameSize: 50,
        fieldSize: FIELD_BYTES,
        fields: 6,
        files: 1,
        fileSize: maxBytes + 1,
        parts: 8,
        headerPairs: 10,
      },
    });
  } catch (cause) {
    throw wrong('The form has no boundary.', { cause });
  }
}

/** The file may come before its type is known: then the largest cap holds until it is. */
function capOf(type: string | undefined): number {
  const known = deployedOutputTypeSchema.safeParse(type);
  return known.success ? DEPLOYED_OUTPUT_BYTES[known.data] : Number.POSITIVE_INFINITY;
}

function uploadOf(fields: ReadonlyMap<string, string>, files: number, file: Buffer): DeployedUpload | RouteRefused {
  const workerJobId = fields.get('workerJobId') ?? '';
  const inputId = fields.get('inputId') ?? '';
  const type = deployedOutputTypeSchema.safeParse(fields.get('outputType'));
  if (files !== 1) return wrong('The file is missing.');
  if (workerJobId === '' || workerJobId.length > 200 || inputId === '') return wrong('The ids are missing.');
  if (!type.success) return wrong('This type of output is not known.');
  return { workerJobId, inputId, outputType: type.data, file };
}

function tooLarge(): RouteRefused {
  return refused(413, 'TOO_LARGE', 'The file is larger than its type may be.');
}

function wrong(message: string, options?: ErrorOptions): RouteRefused {
  return new RouteRefused({ status: 400, code: 'BAD_REQUEST', message }, options);
}

function refused(status: number, code: string, message: string): RouteRefused {
  return new RouteRefused({ status, code, message });
}
