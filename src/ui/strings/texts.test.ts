import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../contract/errors.ts';
import { count, moment, size, times } from '../format.ts';
import { keepPreferences, languageOf, readPreferences } from '../state/preferences.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { explain, speak, t } from './texts.ts';

afterEach(() => speak('en'));

/** Every place of a catalogue, with the kind of text there. */
function places(texts: object, path = ''): [place: string, kind: string][] {
  return Object.entries(texts).flatMap(([key, text]): [string, string][] =>
    typeof text === 'object' && text !== null
      ? places(text, `${path}${key}.`)
      : [[`${path}${key}`, typeof text === 'function' ? `function of ${text.length}` : typeof text]],
  );
}

describe('the catalogues', () => {
  it('have the same keys, of the same kinds', () => {
    expect(new Map(places(de))).toEqual(new Map(places(en)));
  });

  it('leave no text empty, and none in English', () => {
    const english = new Map(places(en));
    expect(english.size).toBeGreaterThan(400);
    const texts = (of: object, path = ''): [string, string][] =>
      Object.entries(of).flatMap(([key, text]): [string, string][] =>
        typeof text === 'string'
          ? [[path + key, text]]
          : typeof text === 'object' && text !== null
            ? texts(text, `${path}${key}.`)
            : [],
      );
    const inEnglish = new Map(texts(en));
    const german = texts(de);
    expect(german.filter(([, text]) => text.trim() === '')).toEqual([]);
    // Whole sentences that are the same in both were forgotten; single words often are the same.
    const same = german.filter(([place, text]) => text === inEnglish.get(place) && /\w+ \w+ \w+/.test(text));
    expect(same).toEqual([['player.window', '2 min 30 s']]);
  });
});

describe('another language', () => {
  it('is spoken at once, with its numbers and dates', () => {
    const now = new Date(2026, 10, 23, 13, 34).getTime();
    const day = new Date(2026, 10, 21, 9, 5).getTime();
    expect([count(10_000), size(3_400_000), times(1.31), moment(day, now)]).toEqual([
      '10,000',
      '3.4 MB',
      '1.3×',
      '21 Nov, 09:05',
    ]);
    speak('de');
    expect(t.screens.settings).toBe('Einstellungen');
    expect([count(10_000), size(3_400_000), times(1.31), moment(day, now)]).toEqual([
      '10.000',
      '3,4 MB',
      '1,3×',
      '21. Nov., 09:05',
    ]);
    expect(document.documentElement.lang).toBe('de');
  });

  it('says errors in its words and keeps what is particular to a case', () => {
    speak('de');
    const usual = en.advice.DISK_FULL.what;
    expect(explain({ code: 'DISK_FULL', message: '' }).what).toBe('Die Platte dieses Computers ist voll.');
    expect(explain({ code: 'DISK_FULL', message: usual }).what).toBe('Die Platte dieses Computers ist voll.');
    expect(explain({ code: 'DISK_FULL', message: `${usual} /dev/sda1` }).what).toBe(
      'Die Platte dieses Computers ist voll. /dev/sda1',
    );
    expect(explain({ code: 'DISK_FULL', message: 'No space on /mnt.' }).what).toBe(
      'Die Platte dieses Computers ist voll. „No space on /mnt.“',
    );
    for (const code of ERROR_CODES) expect(explain({ code, message: '' }).todo).not.toBe('');
  });

  it('is chosen by a person, else found among those of the browser', () => {
    expect(languageOf('de', ['en-GB'])).toBe('de');
    expect(languageOf('system', ['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(languageOf('system', ['fr-FR'])).toBe('en');
  });
});

describe('what a person chose about the window', () => {
  it('is read back, and nonsense is as if it had never been chosen', () => {
    const chosen = { theme: 'dark', language: 'de', dismissed: { lab: 'gitCommit: …' } } as const;
    keepPreferences(chosen);
    expect(readPreferences()).toEqual(chosen);
    for (const nonsense of ['', '[]', '{', '{"theme":"pink","language":"xx","dismissed":{"a":1}}', 'null']) {
      localStorage.setItem('bulk-transcribe-preferences', nonsense);
      expect(readPreferences()).toEqual({ theme: 'system', language: 'system', dismissed: {} });
    }
  });
});
