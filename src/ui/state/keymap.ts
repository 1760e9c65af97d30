// Owns the keys of the transcript screen: which actions there are, their usual keys, how a key press is written and read. `Mod` is ⌘ on
// macOS and Ctrl elsewhere. Tab is never taken: it always moves the focus.

/** Actions in the order in which they are listed. */
export const ACTIONS = [
  'play',
  'back',
  'forward',
  'slower',
  'faster',
  'loop',
  'up',
  'down',
  'edit',
  'split',
  'mergeUp',
  'remove',
  'speaker',
  'markRight',
  'previousDoubt',
  'nextDoubt',
  'find',
  'replace',
  'undo',
  'redo',
  'follow',
  'export',
  'keys',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Key presses by action: the first one is the one that is shown. */
export type Keymap = Readonly<Record<Action, readonly string[]>>;

export const USUAL_KEYS: Keymap = {
  play: ['Space', 'Ctrl+Space'],
  back: ['ArrowLeft'],
  forward: ['ArrowRight'],
  slower: ['['],
  faster: [']'],
  loop: ['l'],
  up: ['ArrowUp', 'k'],
  down: ['ArrowDown', 'j'],
  edit: ['Enter'],
  split: ['Mod+Enter'],
  mergeUp: ['Mod+Backspace'],
  remove: ['Backspace', 'Delete'],
  speaker: ['s'],
  markRight: ['Mod+.'],
  previousDoubt: ['Alt+ArrowLeft'],
  nextDoubt: ['Alt+ArrowRight'],
  find: ['Mod+f'],
  replace: ['Mod+Shift+f'],
  undo: ['Mod+z'],
  redo: ['Mod+Shift+z', 'Mod+y'],
  follow: ['f'],
  export: ['Mod+e'],
  keys: ['?'],
};

/** Presses that act while a line is being written too; all others are for the writing. */
const WHILE_WRITING: readonly Action[] = ['play', 'split', 'mergeUp', 'markRight', 'find', 'replace'];

/** What a press has to tell. */
export type Press = Pick<KeyboardEvent, 'key' | 'code' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey'>;

/** How a press is written: `Mod+Shift+f`. Null for a modifier alone, and for Tab. */
export function pressName(press: Press, mac: boolean): string | null {
  const { key, code } = press;
  if (['Meta', 'Control', 'Alt', 'Shift', 'Tab', 'Dead', 'Unidentified', 'CapsLock'].includes(key)) return null;
  // With ⌥ a Mac writes another sign; what is meant is the key.
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const base = code === 'Space' ? 'Space' : press.altKey && letter !== undefined ? letter : key;
  const name = base.length === 1 ? base.toLowerCase() : base;
  const mod = mac ? press.metaKey : press.ctrlKey;
  // Ctrl is a key of its own on a Mac; with the space bar it is Ctrl everywhere.
  const ctrl = (mac && press.ctrlKey) || (!mac && press.ctrlKey && name === 'Space');
  // A sign that needs Shift says so by itself.
  const shift = press.shiftKey && (base.length > 1 || /\p{L}/u.test(base));
  return [
    ...(mod && !(ctrl && !mac) ? ['Mod'] : []),
    ...(ctrl ? ['Ctrl'] : []),
    ...(press.altKey ? ['Alt'] : []),
    ...(shift ? ['Shift'] : []),
    name,
  ].join('+');
}

/** What a press does. `writing`: while a line is being written. */
export function actionOf(keymap: Keymap, name: string, writing: boolean): Action | null {
  const action = ACTIONS.find((each) => keymap[each].includes(name)) ?? null;
  if (action === null || !writing) return action;
  // A sign that can be typed is typed.
  const typed = name.length === 1 || name === 'Space';
  return WHILE_WRITING.includes(action) && !typed ? action : null;
}

/** The actions that already have this press. */
export function takenBy(keymap: Keymap, name: string, but: Action): readonly Action[] {
  return ACTIONS.filter((each) => each !== but && keymap[each].includes(name));
}

/** A press as a person reads it: `⌘⏎` on macOS, `Ctrl ⏎` elsewhere. @param space what the space bar is called */
export function shownPress(name: string, mac: boolean, space: string): string {
  const signs: Readonly<Record<string, string>> = {
    ...{ ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Enter: '⏎', Backspace: '⌫', Escape: 'Esc' },
    Space: space,
    ...(mac ? { Mod: '⌘', Alt: '⌥', Shift: '⇧', Ctrl: '⌃' } : { Mod: 'Ctrl' }),
  };
  const parts = name === '+' ? ['+'] : name.split(/\+(?=.)/);
  return parts.map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(mac ? '' : ' ');
}

/** Keys as they were kept: only actions that there are, only presses that are text. */
export function readKeymap(kept: unknown): Partial<Keymap> {
  if (typeof kept !== 'object' || kept === null) return {};
  const read: Partial<Record<Action, readonly string[]>> = {};
  for (const [name, presses] of Object.entries(kept)) {
    const action = ACTIONS.find((each) => each === name);
    if (action === undefined || !Array.isArray(presses)) continue;
    if (presses.every((each): each is string => typeof each === 'string' && each.length < 40)) read[action] = presses;
  }
  return read;
}
