// Owns what the keys of this screen do. They are heard on the whole window, so that nothing has to be clicked first; a dialog, a menu and a
// field keep theirs.

import { useEffect } from 'react';
import { wordsOf } from '../../../transcript/piece.ts';
import { type App, useApp } from '../../app-context.ts';
import { type Action, actionOf, pressName } from '../../state/keymap.ts';
import { useMac } from '../use-mac.ts';
import { selectedStretch } from './line-pointer.ts';

/** Draws nothing. */
export function TranscriptKeys() {
  const app = useApp();
  const mac = useMac();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || !(event.target instanceof Element)) return;
      const { editor } = app.store.getState();
      if (
        app.store.getState().dialog.kind !== 'none' ||
        event.target.closest('[role="dialog"], [role="menu"]') !== null
      )
        return;
      const name = pressName(event, mac);
      if (name === null) return;
      const field = event.target.closest('input, textarea, select, [role="slider"], [role="radio"], [role="tab"]');
      const writing = field?.hasAttribute('data-draft') === true;
      const action = actionOf(editor.keymap, name, writing);
      // Other fields are left with what leaves them: find again, everything else is typed there.
      if (
        field !== null &&
        !writing &&
        (action === null || !name.includes('Mod+') || action === 'undo' || action === 'redo')
      )
        return;
      // A button that has the focus is pressed by these.
      if ((name === 'Enter' || name === 'Space') && event.target.closest('button, a') !== null) return;
      const speaker = /^[1-9]$/.test(name) && !writing ? Number(name) : null;
      if (action === null && speaker === null) return;
      event.preventDefault();
      if (action !== null) DO[action](app);
      else if (speaker !== null && speaker <= 8) void app.tools.editor.speaker(speaker);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [app, mac]);
  return null;
}

/** What each action does. */
const DO: Readonly<Record<Action, (app: App) => unknown>> = {
  play: ({ tools }) => tools.player.toggle(),
  back: ({ tools }) => tools.player.skip(-5),
  forward: ({ tools }) => tools.player.skip(5),
  slower: ({ tools, store }) => tools.player.setRate(store.getState().player.rate - 0.25),
  faster: ({ tools, store }) => tools.player.setRate(store.getState().player.rate + 0.25),
  loop,
  up: ({ tools }) => tools.editor.move(-1),
  down: ({ tools }) => tools.editor.move(1),
  edit({ tools, store }) {
    const { word } = store.getState().editor;
    tools.editor.write(undefined, word === null ? undefined : { word });
  },
  split: ({ tools }) => tools.editor.split(),
  mergeUp: ({ tools }) => tools.editor.mergeUp(),
  remove: ({ tools }) => tools.editor.remove(),
  speaker: ({ tools, store }) => tools.editor.patch({ speakerOf: store.getState().editor.current }),
  markRight: ({ tools }) => tools.editor.markRight(),
  previousDoubt: (app) => doubt(app, -1),
  nextDoubt: (app) => doubt(app, 1),
  find: ({ tools }) => tools.editor.find(false),
  replace: ({ tools }) => tools.editor.find(true),
  undo: ({ tools }) => tools.session.undo(),
  redo: ({ tools }) => tools.session.redo(),
  follow: ({ tools, store }) => tools.editor.patch({ follow: !store.getState().editor.follow }),
  export: ({ tools }) => tools.editor.patch({ sheet: 'export' }),
  keys: ({ store }) => store.setState({ dialog: { kind: 'keys' } }),
};

/** The sound goes along to a doubtful place, a little before it. */
function doubt({ tools, store }: App, step: 1 | -1): void {
  const found = tools.editor.doubt(step);
  if (found === null) return;
  tools.player.seek(Math.max(0, found.start - 1));
  store.setState({ announcement: found.text });
}

/** Loops what is selected in the text, else the line; ends a loop that is on. */
function loop({ tools, store }: App): void {
  const state = store.getState();
  if (state.player.loop !== null) {
    tools.player.setLoop(null);
    return;
  }
  const segments = tools.reading.view(state)?.segments ?? [];
  const indexes = tools.reading.indexes(state);
  const timeOf = (key: string, word: number | null, end: boolean): number | null => {
    const segment = segments[indexes.get(key) ?? -1];
    if (segment === undefined) return null;
    const part = word === null ? segment : (wordsOf(segment)[word] ?? segment);
    return end ? part.end : part.start;
  };
  const selected = selectedStretch(document.querySelector('.turns'));
  const key = state.editor.current ?? segments[0]?.key ?? '';
  const { first, last } = selected ?? { first: { key, word: null }, last: { key, word: null } };
  const start = timeOf(first.key, first.word, false);
  const end = timeOf(last.key, last.word, true);
  if (start === null || end === null || end <= start) return;
  tools.player.setLoop({ start, end });
  tools.player.play();
}
