// Owns the German words for what the engine says, put together.

import { deDoctor } from './de-engine-doctor.ts';
import { deEngineJobs, deEngineRequests } from './de-engine-jobs.ts';
import { deEnginePods } from './de-engine-pods.ts';
import { deEngineWorkers } from './de-engine-workers.ts';
import { advice } from './de-errors.ts';
import { deWorkerSays } from './de-worker-says.ts';
import type { EngineWords } from './engine-words.ts';

export const deEngine: EngineWords = {
  locale: 'de',
  advice,
  sentences: { ...deDoctor, ...deEngineJobs, ...deEnginePods, ...deEngineRequests, ...deEngineWorkers },
  workerSays: deWorkerSays,
  phrases: {
    a_pdf: 'ein PDF-Dokument',
    a_zip: 'ein ZIP-Archiv oder Office-Dokument',
    an_empty_zip: 'ein leeres ZIP-Archiv',
    a_picture: 'ein Bild',
    a_program: 'ein Programm',
    an_archive: 'ein Archiv',
    a_database: 'eine Datenbank',
    an_office_document: 'ein Office-Dokument',
    a_text_document: 'ein Textdokument',
    a_text: 'ein Text',
    may_not_write: 'dein Benutzer darf dort nicht schreiben',
    read_only: 'die Platte lässt sich nur lesen',
    folder_not_there: 'der Ordner ist nicht da',
    no_folder: 'ein Teil des Pfades ist kein Ordner',
    folder_has_name: 'ein Ordner heißt so',
    path_too_long: 'der Pfad ist zu lang',
    not_installed: 'es ist nicht mehr installiert',
    no_connection: 'es kam keine Verbindung zustande',
    this_computer: 'Dieser Computer',
    a_gpu: 'Eine GPU',
    unknown: 'unbekannt',
    none: 'keiner',
  },
};
