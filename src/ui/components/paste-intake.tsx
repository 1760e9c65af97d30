// Owns pasting recordings: files, or the paths of files as text, one a line.

import { useEffect } from 'react';
import { useApp } from '../app-context.ts';
import { groupOfFiles, groupOfPaths, pathsIn } from '../state/drop.ts';

/** Listens on the whole window; draws nothing. What is pasted into a field is the field's. */
export function PasteIntake() {
  const { client, commands, store } = useApp();
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const into = event.target;
      if (into instanceof HTMLElement && into.matches('input, textarea, [contenteditable]')) return;
      if (event.clipboardData === null || store.getState().dialog.kind !== 'none') return;
      const files = [...event.clipboardData.files];
      const { desktop } = client;
      const ofFiles = desktop === null ? [] : files.map((file) => desktop.pathOf(file)).filter((path) => path !== '');
      const paths = [...ofFiles, ...pathsIn(event.clipboardData.getData('text/plain'))];
      const groups = paths.length > 0 ? groupOfPaths(paths) : groupOfFiles(files);
      if (groups.length === 0) return;
      event.preventDefault();
      void commands.add(groups);
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, [client, commands, store]);
  return null;
}
