import { existsSync, globSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_ADVICE, ERROR_CODES } from '../../contract/errors.ts';
import { WORKER_SAYS } from '../../contract/sentences/said-by-workers.ts';
import { fill, namesIn, PHRASES, SENTENCES, say, sayAll } from '../../contract/sentences.ts';
import { deEngine } from './de-engine.ts';
import { EngineReader } from './engine-words.ts';
import { engineText, explain, speak } from './texts.ts';

const PAIRS: [key: string, english: string, german: string][] = [
  ...Object.entries(SENTENCES).map(([key, english]): [string, string, string] => [
    key,
    english,
    deEngine.sentences[key as keyof typeof SENTENCES],
  ]),
  ...Object.entries(WORKER_SAYS).map(([key, english]): [string, string, string] => [
    key,
    english,
    deEngine.workerSays[key as keyof typeof WORKER_SAYS],
  ]),
];

/** Words that no German sentence has. `was` and `in` are words of both. */
const ENGLISH =
  /\b(?:the|is|are|were|and|of|it|its|to|not|that|there|this|with|without|from|for|by|be|has|have|cannot|which|until|nothing|does|at)\b/i;

/** Values as they may come, of which none is in a dictionary. */
function values(template: string): Record<string, string> {
  return Object.fromEntries(
    namesIn(template).map((name, index) => [name, name.endsWith('Number') ? '12.5' : `Xq${index}.7/ß`]),
  );
}

afterEach(() => speak('en'));

describe('the German words for what the engine says', () => {
  it('say every sentence, with every value and without an English word', () => {
    expect(PAIRS.length).toBeGreaterThan(300);
    for (const [key, english, german] of PAIRS) {
      expect.soft(namesIn(german).toSorted(), key).toEqual(namesIn(english).toSorted());
      const bare = german.replaceAll(/\{\w+\}|„[^“]*“|--[\w-]+|\b[A-Z][A-Z_]{3,}\b|bulk-transcribe [\w -]+/g, '');
      expect.soft(bare, key).not.toMatch(ENGLISH);
      // A name alone is the same in every language.
      if (/\w+ \w+/.test(english.replaceAll(/\{\w+\}/g, ''))) expect.soft(german, key).not.toBe(english);
    }
    for (const [key, phrase] of Object.entries(PHRASES))
      expect.soft(deEngine.phrases[key as keyof typeof PHRASES], key).not.toBe(phrase);
  });

  it('are read back out of the English text with the values that it was made of', () => {
    const reader = new EngineReader(deEngine);
    for (const [key, english, german] of PAIRS) {
      const given = values(english);
      const inGerman = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, name.endsWith('Number') ? '12,5' : value]),
      );
      expect.soft(reader.read(fill(english, given)), key).toBe(fill(german, inGerman));
    }
  });

  it('say the three sentences of every code', () => {
    const reader = new EngineReader(deEngine);
    for (const code of ERROR_CODES)
      for (const part of ['what', 'lost', 'todo'] as const)
        expect.soft(reader.read(ERROR_ADVICE[code][part]), code).not.toMatch(ENGLISH);
  });

  it('say several sentences, and those that are in others', () => {
    speak('de');
    expect(engineText(sayAll(say('ended_idle'), say('pod_ending')))).toBe('Er hatte nichts zu tun. Er wird beendet.');
    const lacking = sayAll(
      say('lacks_speakers_why', { worker: 'This computer', reason: WORKER_SAYS.speakers_finding_out.slice(0, -1) }),
      say('lacks_model', { worker: 'Lab. 2', model: 'large-v3', models: 'base, small' }),
    );
    expect(engineText(lacking)).toBe(
      'Dieser Computer kann Sprecher nicht unterscheiden: Ob sich Sprecher unterscheiden lassen, wird gerade festgestellt. ' +
        'Lab. 2 hat kein Modell „large-v3“ (vorhanden: base, small).',
    );
    const boot = say('boot_silent_why', {
      time: say('boot_minutes', { count: 20 }),
      reason: say('page_answers', { status: 502 }),
    });
    expect(engineText(sayAll(boot, say('boot_log', { line: 'CUDA error: out of memory.' })))).toBe(
      'Nach 20 Minuten läuft der Pod, aber der Worker darin antwortet nicht: Statt des Workers kam eine Webseite (502): Ein Proxy ' +
        'antwortet für ihn; er ist also angehalten, startet noch oder ist anderswo. Letzte Zeile seines Protokolls: CUDA error: out of memory.',
    );
    const refused = say('data_unwritable', { folder: '/data', reason: 'Error: EACCES' });
    expect(engineText(refused)).toBe('In /data kann nichts geschrieben werden: Error: EACCES');
    expect(engineText(say('disk_free', { gigabytesNumber: '3.4' }))).toMatch(/^3,4 GB sind frei/);
    expect(engineText(say('not_a_recording', { kind: PHRASES.a_pdf }))).toBe(
      'Das ist ein PDF-Dokument, keine Aufnahme.',
    );
  });

  it('leave what others said as it came, after a German sentence', () => {
    speak('de');
    expect(engineText('Cannot open libcudnn.so.9')).toBe('Cannot open libcudnn.so.9');
    const { what } = explain({ code: 'ENGINE_FAILED', message: 'CUBLAS_STATUS_NOT_SUPPORTED' });
    expect(what).toBe('Das Transkribieren ist gescheitert. „CUBLAS_STATUS_NOT_SUPPORTED“');
    const packages = `${say('setup_no_packages')}\nERROR: No matching distribution found\n`;
    expect(explain({ code: 'WORKER_INSTALL_FAILED', message: packages }).what).toBe(
      'Die Python-Pakete des Workers ließen sich nicht installieren.\nERROR: No matching distribution found\n',
    );
  });

  it('take no time over a text of any length', () => {
    const reader = new EngineReader(deEngine);
    const before = process.cpuUsage();
    for (const text of ['. '.repeat(20_000), 'It is a: '.repeat(3_000), `${say('setup_no_packages')}\n`.repeat(300)])
      reader.read(text);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(2);
  });
});

describe('what a worker says', () => {
  it('is what the worker of this version says', () => {
    const folder = 'worker-image/bulk_transcribe_worker';
    expect(existsSync(folder)).toBe(true);
    // Python breaks long sentences over lines, and puts its values in braces of its own.
    const source = globSync(`${folder}/*.py`)
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
      .replaceAll(/"\s*\n\s*f?"/g, '');
    for (const [key, template] of Object.entries(WORKER_SAYS))
      for (const part of template.split(/\{\w+\}/).filter((text) => text.trim().length > 3))
        if (!key.startsWith('again_') && key !== 'speakers_not_installed')
          expect.soft(source.includes(part.trim()), `${key}: ${part}`).toBe(true);
  });
});
