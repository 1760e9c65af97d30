// Owns the scene of a bad day: long names, failures of every kind, every reason to wait, warnings at the top, workers that do not answer.

import { ERROR_CODES } from '../../contract/errors.ts';
import { WAITING_REASONS } from '../../contract/job.ts';
import type { MemoryEngine } from '../client/memory-client.ts';
import { NOW, put, putBatch } from './scenes.ts';

const minute = 60_000;

/** Names as people give them, or as machines do. */
const NAMES = [
  'Zeugenvernehmung Donaudampfschifffahrtsgesellschaftskapitän Müller-Lüdenscheidt, Teil 1 von 12 (Kopie) (endgültig).mp4',
  'ZOOM0001_2026-11-23_0900_Ratssitzung_oeffentlicher_Teil_TOP_1_bis_17_Kamera_2_Ton_Saalmikrofon.mkv',
  '聴聞会の録音 第三回 午前の部 港湾局長の証言.wav',
  'مقابلة مع السيد أحمد، الجزء الثاني.m4a',
  '😀👩‍👩‍👧‍👦 family party 🎉🎉🎉.mov',
  'a.wav',
];

/** What fails on this computer or at a worker; the rest is about rented GPUs and callers of the API. */
const FAILURES = ERROR_CODES.filter(
  (code) => !/^(?:PODS?_|BAD_REQUEST|NOT_FOUND|CONFLICT|UNAUTHORIZED|FORBIDDEN|DATABASE|ENGINE_RUNNING)/.test(code),
);

/** Puts it over another scene. */
export function hardScene(engine: MemoryEngine): void {
  const name = (index: number): string => NAMES[index % NAMES.length] ?? 'a.wav';
  putBatch(engine, {
    id: 'waits',
    name: 'Untersuchungsausschuss Hafenerweiterung, Sitzungen 1 bis 117 mit allen Nachvernehmungen und Ortsterminen',
    createdAt: NOW - 40 * minute,
  });
  put(
    engine,
    'waits',
    WAITING_REASONS.map((reason, index) => ({
      ...{ id: `waits-${reason}`, name: name(index), state: 'waiting' as const },
      waiting: { reason, since: NOW - 20 * minute, until: reason === 'retry' ? NOW + 7 * minute : null, message: '' },
    })),
  );
  putBatch(engine, { id: 'fails', name: 'x', createdAt: NOW - 50 * minute });
  put(
    engine,
    'fails',
    FAILURES.map((code, index) => ({
      ...{ id: `fails-${code}`, name: name(index), state: 'failed' as const, finishedAt: NOW - 12 * minute },
      error: {
        code,
        message: index % 3 === 0 ? `/mnt/archiv/2026/${'sehr langer Ordnername/'.repeat(4)}x could not be read.` : '',
      },
    })),
  );
  const lab = engine.workers.get('lab');
  if (lab !== undefined)
    engine.workers.set('lab', {
      ...lab,
      name: 'rechenknoten-mit-langem-namen-07.institut-fuer-zeitgeschichte.example',
      url: 'https://rechenknoten-mit-langem-namen-07.institut-fuer-zeitgeschichte.example:8477',
    });
}
