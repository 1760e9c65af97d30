// Owns what a press on a line means: one on a word plays from it, two open the line for writing at it. A selection of text is none.

import type { MouseEvent } from 'react';
import { wordsOf } from '../../../transcript/piece.ts';
import { useApp } from '../../app-context.ts';

interface Pressed {
  readonly key: string;
  /** Null beside the words. */
  readonly word: number | null;
}

/** The handlers of the list. */
export function useLinePointer(): {
  onClick(event: MouseEvent<HTMLElement>): void;
  onDoubleClick(event: MouseEvent<HTMLElement>): void;
} {
  const { tools, store } = useApp();
  return {
    onClick(event) {
      const pressed = pressedIn(event.target);
      if (pressed === null || !(window.getSelection()?.isCollapsed ?? true)) return;
      const state = store.getState();
      const segment = tools.reading.view(state)?.segments[tools.reading.indexes(state).get(pressed.key) ?? -1];
      if (segment === undefined) return;
      tools.editor.select(pressed.key, pressed.word);
      if (event.detail > 1) return;
      const start = pressed.word === null ? null : wordsOf(segment)[pressed.word]?.start;
      if (start === null && !isTime(event.target)) return;
      tools.editor.patch({ follow: true });
      tools.player.seek(start ?? segment.start);
      tools.player.play();
    },
    onDoubleClick(event) {
      const pressed = pressedIn(event.target);
      if (pressed === null) return;
      window.getSelection()?.removeAllRanges();
      tools.editor.write(pressed.key, pressed.word === null ? undefined : { word: pressed.word });
    },
  };
}

function isTime(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.tagName === 'TIME';
}

function pressedIn(target: EventTarget): Pressed | null {
  if (!(target instanceof Element) || target.closest('button, textarea') !== null) return null;
  const key = target.closest<HTMLElement>('[data-key]')?.dataset['key'];
  if (key === undefined) return null;
  const word = target.closest<HTMLElement>('[data-w]')?.dataset['w'];
  return { key, word: word === undefined ? null : Number(word) };
}

/** The stretch of the recording that is selected in the text, seconds; null where none is. */
export function selectedStretch(list: Element | null): { readonly first: Pressed; readonly last: Pressed } | null {
  const selection = window.getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (list === null || !list.contains(range.commonAncestorContainer)) return null;
  const words = [...list.querySelectorAll('[data-w]')].filter((word) => range.intersectsNode(word));
  const [first, last] = [words[0], words.at(-1)].map((word) => (word === undefined ? null : pressedIn(word)));
  return first === null || first === undefined || last === null || last === undefined ? null : { first, last };
}
