// Owns sending one recording's bytes from a browser. XMLHttpRequest, because only it tells how far an upload is: the browser
// reads the file from the disk piece by piece, so memory stays flat.

import { type UploadResult, uploadResultSchema } from '../../contract/api.ts';
import { AppError } from '../../contract/errors.ts';
import { t } from '../strings/texts.ts';
import type { UploadWatch } from './client.ts';
import { refusal } from './refusal.ts';

/** Where to and with which right. */
export interface UploadTarget {
  readonly url: string;
  readonly token: string;
}

/** Sends the file and gives the id under which the engine keeps it. */
export function uploadFile(target: UploadTarget, file: File, watch: UploadWatch = {}): Promise<UploadResult> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = (): void => request.abort();
    const settle = (finish: () => void): void => {
      watch.signal?.removeEventListener('abort', stop);
      finish();
    };
    request.open('POST', `${target.url}?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('authorization', `Bearer ${target.token}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => watch.onProgress?.(event.loaded, file.size);
    request.onload = () =>
      settle(() => {
        if (request.status < 200 || request.status >= 300) {
          reject(refusal(request.status, request.responseText));
          return;
        }
        const parsed = uploadResultSchema.safeParse(parseJson(request.responseText));
        if (parsed.success) resolve(parsed.data);
        else reject(new AppError('INTERNAL', t.errors.strangeAnswer, { cause: parsed.error }));
      });
    request.onerror = () => settle(() => reject(new AppError('TRANSFER_FAILED', t.errors.uploadBroke)));
    request.onabort = () => settle(() => reject(new AppError('USER_CANCELED')));
    if (watch.signal?.aborted === true) {
      reject(new AppError('USER_CANCELED'));
      return;
    }
    watch.signal?.addEventListener('abort', stop);
    request.send(file);
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
