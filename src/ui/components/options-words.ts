// Owns the options of a job said in words, for the footer, the drop layer and the first run.

import type { JobOptions } from '../../contract/options.ts';
import { t } from '../strings/texts.ts';

/** `large-v3, language found by itself, 2–4 speakers`. */
export function optionsInWords(options: JobOptions): string {
  const parts = [
    options.model,
    options.language === '' ? t.options.languageFoundByItself : languageName(options.language),
  ];
  if (options.diarize) {
    parts.push(
      options.speakers === null
        ? t.options.speakersAny
        : t.options.speakersCount(options.speakers.min, options.speakers.max),
    );
  }
  return parts.join(', ');
}

/** `SRT, JSON beside the recording`. Where recordings are read into the app, there is nothing that files could lie beside. */
export function outputsInWords(options: JobOptions, hasPaths: boolean): string {
  const formats = options.formats.map((format) => t.formats[format]).join(', ');
  const where =
    options.outDir !== null
      ? t.options.inFolder(options.outDir)
      : hasPaths
        ? t.options.beside
        : t.options.besideDownload;
  return `${formats} ${where}`;
}

/** `en` as `English`; a code that has no name as it is. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([t.locale], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}
