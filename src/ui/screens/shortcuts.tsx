// Owns the keys that mean the same on every screen: to the search, from screen to screen.

import { useEffect } from 'react';
import { useApp } from '../app-context.ts';
import { PLACES } from './rail.tsx';

/** Listens on the whole window; draws nothing. ⌘ on macOS, Ctrl elsewhere. A dialog keeps the keys to itself. */
export function Shortcuts() {
  const { store } = useApp();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
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
