// Owns the keys that mean the same on every screen: to the search, from screen to screen, all keys.

import { useEffect } from 'react';
import { useApp } from '../app-context.ts';
import { PLACES } from './rail.tsx';

/** Listens on the whole window; draws nothing. ⌘ on macOS, Ctrl elsewhere. A dialog keeps the keys to itself. */
export function Shortcuts() {
  const { store } = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      // The transcript has its own map, in which a person may have put something else.
      const { dialog, screen } = store.getState();
      if (isQuestion(event) && dialog.kind === 'none' && screen.name !== 'text') {
        event.preventDefault();
        store.setState({ dialog: { kind: 'keys' } });
        return;
      }
      if (!(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey || event.defaultPrevented) return;
      if (store.getState().dialog.kind !== 'none') return;
      const place = event.key.toLowerCase() === 'k' ? 'search' : PLACES[Number(event.key) - 1]?.name;
      if (place === undefined) return;
      event.preventDefault();
      if (store.getState().screen.name !== place) store.setState({ screen: { name: place } });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [store]);
  return null;
}

/** `?` where nothing is written. */
function isQuestion({ key, target, ctrlKey, metaKey, altKey, defaultPrevented }: KeyboardEvent): boolean {
  if (key !== '?' || ctrlKey || metaKey || altKey || defaultPrevented) return false;
  return (
    !(target instanceof Element) || target.closest('input, textarea, select, [role="dialog"], [role="menu"]') === null
  );
}
