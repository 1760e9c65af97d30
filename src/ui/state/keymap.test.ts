import { beforeEach, describe, expect, it } from 'vitest';
import { ACTIONS, actionOf, type Press, pressName, readKeymap, shownPress, takenBy, USUAL_KEYS } from './keymap.ts';
import { keepTranscriptPreferences, readTranscriptPreferences } from './transcript-preferences.ts';

const press = (key: string, more: Partial<Press> = {}): Press => ({
  ...{ key, code: '', metaKey: false, ctrlKey: false, altKey: false, shiftKey: false },
  ...more,
});

beforeEach(() => localStorage.clear());

describe('a key press', () => {
  it('is written the same way on every platform', () => {
    expect(pressName(press('Enter', { metaKey: true }), true)).toBe('Mod+Enter');
    expect(pressName(press('Enter', { ctrlKey: true }), false)).toBe('Mod+Enter');
    expect(pressName(press(' ', { code: 'Space', ctrlKey: true }), false)).toBe('Ctrl+Space');
    expect(pressName(press(' ', { code: 'Space', ctrlKey: true }), true)).toBe('Ctrl+Space');
    expect(pressName(press('Z', { shiftKey: true, metaKey: true }), true)).toBe('Mod+Shift+z');
    expect(pressName(press('?', { shiftKey: true }), false)).toBe('?');
    expect(pressName(press('ƒ', { code: 'KeyF', altKey: true }), true)).toBe('Alt+f');
    for (const key of ['Tab', 'Shift', 'Meta']) expect(pressName(press(key), true)).toBeNull();
  });

  it('does what the map says, and is for the writing while a line is written', () => {
    expect(actionOf(USUAL_KEYS, 'Space', false)).toBe('play');
    expect(actionOf(USUAL_KEYS, 'Space', true)).toBeNull();
    expect(actionOf(USUAL_KEYS, 'Ctrl+Space', true)).toBe('play');
    expect(actionOf(USUAL_KEYS, 'Mod+Enter', true)).toBe('split');
    expect(actionOf(USUAL_KEYS, 'Alt+ArrowRight', true)).toBeNull();
    expect(actionOf(USUAL_KEYS, 'Mod+z', true)).toBeNull();
    expect(actionOf({ ...USUAL_KEYS, play: ['p'] }, 'p', true)).toBeNull();
  });

  it('is shown as the platform writes it', () => {
    expect(shownPress('Mod+Shift+z', true, 'Space')).toBe('⌘⇧Z');
    expect(shownPress('Mod+Enter', false, 'Space')).toBe('Ctrl ⏎');
    expect(shownPress('Mod+.', true, 'Space')).toBe('⌘.');
    expect(shownPress('Ctrl+Space', false, 'Leertaste')).toBe('Ctrl Leertaste');
  });
});

describe('the map', () => {
  it('gives no press to two actions', () => {
    for (const action of ACTIONS)
      for (const each of USUAL_KEYS[action]) expect(takenBy(USUAL_KEYS, each, action)).toEqual([]);
    expect(takenBy(USUAL_KEYS, 'l', 'follow')).toEqual(['loop']);
  });

  it('is kept, and what makes no sense in it is passed over', () => {
    keepTranscriptPreferences({ keys: { play: ['p'] }, rate: 1.5 });
    expect(readTranscriptPreferences()).toEqual({ keys: { play: ['p'] }, rate: 1.5, layout: 'subtitles' });
    expect(readKeymap({ play: 3, fly: ['x'], loop: ['o'] })).toEqual({ loop: ['o'] });
    localStorage.setItem('bulk-transcribe-transcript', '{"rate":90,"layout":"no"');
    expect(readTranscriptPreferences()).toEqual({ keys: {}, rate: 1, layout: 'subtitles' });
  });
});
