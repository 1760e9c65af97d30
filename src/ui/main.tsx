// Opens the window: finds the way to the engine, joins the parts, draws.

import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/fields.css';
import './styles/overlays.css';
import './styles/frame.css';
import './styles/queue.css';
import './styles/first-run.css';
import './styles/player.css';
import './styles/transcript.css';
import './styles/transcript-bars.css';
import './styles/side.css';
import './styles/transcript-overlays.css';
import './styles/workers.css';
import './styles/pods.css';
import './styles/pages.css';
import './styles/search.css';
import './trusted-types.ts';
import '../contract/without-eval.ts';
import { createRoot } from 'react-dom/client';
import { createApp } from './app-context.ts';
import { createDesktopClient } from './client/electron-client.ts';
import { createHttpClient } from './client/http-client.ts';
import { takeToken, tradeCode } from './client/token.ts';
import { Gate } from './screens/gate.tsx';
import { Window } from './screens/window.tsx';
import { startTold } from './state/desktop-told.ts';
import { startFeed } from './state/feed.ts';
import { languageOf, readPreferences } from './state/preferences.ts';
import { speak } from './strings/texts.ts';

const place = document.getElementById('app');
if (place === null) throw new Error('The page has no place for the app.');
const root = createRoot(place);

async function open(): Promise<void> {
  // The gate is drawn before there is a store.
  speak(languageOf(readPreferences().language, navigator.languages));
  if (import.meta.env.MODE === 'design') {
    const { openDesign } = await import('./design/open-design.tsx');
    openDesign(root);
    return;
  }
  if (window.bulkTranscribe !== undefined) {
    draw(createDesktopClient(window.bulkTranscribe));
    return;
  }
  const baseUrl = new URL('.', location.href).href;
  await tradeCode(baseUrl);
  const token = takeToken();
  if (token !== null) draw(createHttpClient({ baseUrl, token }));
  else root.render(<Gate refused={false} />);
}

function draw(client: Parameters<typeof createApp>[0]): void {
  const app = createApp(client);
  startFeed(app);
  startTold(app);
  root.render(<Window app={app} />);
}

void open();
