// Owns looking at the screens without an engine: `vite --mode design`, then `?scene=queue&screen=workers&theme=dark`. In no production build.

import type { Root } from 'react-dom/client';
import { createApp } from '../app-context.ts';
import { createMemoryClient } from '../client/memory-client.ts';
import { createSilentSound } from '../player/silent-sound.ts';
import { Gate } from '../screens/gate.tsx';
import { Window } from '../screens/window.tsx';
import { startFeed } from '../state/feed.ts';
import { THEMES } from '../state/preferences.ts';
import { choose, setOpened } from '../state/store.ts';
import { hardScene } from './hard-scene.ts';
import { podScene } from './pod-scene.ts';
import { crowd, emptyScene, fullScene, NOW } from './scenes.ts';
import { SCENE_SECONDS, showTranscript, transcriptScene } from './transcript-scene.ts';

/** Draws the scene that the address names. */
export function openDesign(root: Root): void {
  const asked = new URLSearchParams(location.search);
  const theme = THEMES.find((each) => each === asked.get('theme')) ?? 'system';
  if (theme !== 'system') document.documentElement.dataset['theme'] = theme;
  if (asked.get('screen') === 'gate') {
    root.render(<Gate refused={asked.has('refused')} />);
    return;
  }
  const desktop = {
    pathOf: () => '',
    openFiles: () => Promise.resolve([]),
    openFolder: () => Promise.resolve([]),
    secretsKept: () => Promise.resolve(true),
    onTold: () => () => undefined,
    reveal: () => undefined,
  };
  const { client, engine } = createMemoryClient({ now: () => NOW, ...(asked.has('desktop') ? { desktop } : {}) });
  const scene = asked.get('scene') ?? 'queue';
  if (scene === 'empty') emptyScene(engine);
  else fullScene(engine);
  if (scene === 'crowd') crowd(engine, Number(asked.get('crowd') ?? 10_000));
  if (scene === 'pods') podScene(engine);
  if (scene === 'hard') hardScene(engine);
  transcriptScene(engine, 'done');
  const sound = createSilentSound(SCENE_SECONDS, () => performance.now());
  const app = createApp(client, { now: () => NOW, sound });
  startFeed(app);
  app.store.setState({ theme });
  if (asked.get('language') === 'de') choose(app.store, { language: 'de' });
  const screen = asked.get('screen');
  if (screen === 'workers' || screen === 'settings' || screen === 'search' || screen === 'spending')
    app.store.setState({ screen: { name: screen } });
  if (screen === 'text') void showTranscript(app, 'done', asked.get('state') ?? '');
  if (screen === 'rent') app.store.setState({ screen: { name: 'workers' }, dialog: { kind: 'rent' } });
  if (screen === 'pod-log')
    app.store.setState({ screen: { name: 'workers' }, dialog: { kind: 'pod-log', id: 'rented' } });
  if (screen === 'add-worker') app.store.setState({ screen: { name: 'workers' }, dialog: { kind: 'add-worker' } });
  if (screen === 'remove') app.store.setState({ dialog: { kind: 'remove-job', id: 'done' } });
  if (asked.has('lost')) setTimeout(() => engine.connect('lost'), 300);
  if (asked.has('open')) setOpened(app.store, asked.get('open') ?? '', true);
  if (asked.has('uploads')) {
    app.store.setState({
      uploads: [
        {
          id: 'u1',
          name: 'Hearing day 8, morning.wav',
          sizeBytes: 171e6,
          sentBytes: 74e6,
          state: 'sending',
          problem: null,
        },
        {
          id: 'u2',
          name: 'Hearing day 8, afternoon.wav',
          sizeBytes: 183e6,
          sentBytes: 0,
          state: 'waiting',
          problem: null,
        },
      ],
    });
  }
  // For measuring from outside how the list keeps up.
  Object.assign(window, { design: { engine, store: app.store } });
  root.render(<Window app={app} />);
}
