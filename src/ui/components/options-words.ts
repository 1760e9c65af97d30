// Owns the options of a job said in words, for the footer, the drop layer and the first run.

import type { JobOptions, JobOptionsPatch } from '../../contract/options.ts';
import type { Profile } from '../../contract/profile.ts';
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

/** What a profile says, in the same words; what it leaves to the settings is left out. */
export function patchInWords(options: JobOptionsPatch): string {
  const { model, language, diarize, formats, outDir } = options;
  return [
    model,
    language === undefined ? undefined : language === '' ? t.options.languageFoundByItself : languageName(language),
    diarize === true ? t.options.speakersAny : undefined,
    formats?.map((format) => t.formats[format]).join(', '),
    outDir == null ? undefined : t.options.inFolder(outDir),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** Options with a profile laid over them. */
export function laidOver(options: JobOptions, patch: JobOptionsPatch): JobOptions {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...options, ...Object.fromEntries(given) };
}

/** The profile whose options these are, if one's are. */
export function profileOf(options: JobOptions, profiles: readonly Profile[]): Profile | undefined {
  const same = ([name, value]: [string, unknown]): boolean =>
    JSON.stringify(value) === JSON.stringify(Object.entries(options).find(([each]) => each === name)?.[1]);
  return profiles.find((profile) => Object.entries(profile.options).every(same));
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
