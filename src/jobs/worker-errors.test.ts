import { describe, expect, it } from 'vitest';
import { codeOfWorkerError } from './worker-errors.ts';

describe('codeOfWorkerError', () => {
  it('knows every code of the protocol', () => {
    const codes =
      'DOWNLOAD_FAILED INPUT_MISMATCH LINK_REFUSED SOURCE_GONE NO_AUDIO DECODE_FAILED EMPTY_INPUT MODEL_LOAD_FAILED OUT_OF_MEMORY ENGINE_FAILED DIARIZATION_FAILED DELIVERY_REFUSED WORKER_DISK_FULL WORKER_RESTARTED';
    for (const code of codes.split(' ')) expect(codeOfWorkerError(code)).not.toBe('REMOTE_FAILED');
  });

  it('takes anything else for a plain failure, inherited names too', () => {
    for (const code of ['', 'NEW_CODE', 'constructor', '__proto__', 'toString']) {
      expect(codeOfWorkerError(code)).toBe('REMOTE_FAILED');
    }
  });
});
