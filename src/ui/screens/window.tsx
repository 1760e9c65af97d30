// Owns the frame of every screen: title, banners, rail, the panel, the drop layer, the one open dialog, what is said aloud.

import { useEffect } from 'react';
import { type App, AppContext, useAppState } from '../app-context.ts';
import { dropToken } from '../client/token.ts';
import { DropLayer } from '../components/drop-layer.tsx';
import { Notice } from '../components/notice.tsx';
import { PasteIntake } from '../components/paste-intake.tsx';
import type { Screen } from '../state/view-slice.ts';
import { ConnectionBanner, MismatchBanner } from './banners.tsx';
import { Dialogs } from './dialogs.tsx';
import { Gate } from './gate.tsx';
import { FoundBanner } from './pods/found-banner.tsx';
import { SpendingScreen } from './pods/spending.tsx';
import { QueueScreen } from './queue.tsx';
import { Rail } from './rail.tsx';
import { SearchScreen } from './search.tsx';
import { SettingsScreen } from './settings.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { TitleBar } from './title-bar.tsx';
import { TranscriptScreen } from './transcript/transcript.tsx';
import { WorkersScreen } from './workers.tsx';

/** The whole window. */
export function Window({ app }: { app: App }) {
  return (
    <AppContext value={app}>
      <Theme />
      <Spoken />
    </AppContext>
  );
}

/** Drawn anew from the ground up in another language: no part keeps a word of the last one. */
function Spoken() {
  const language = useAppState((state) => state.language);
  return <Content key={language} />;
}

function Content() {
  const connection = useAppState((state) => state.connection);
  const screen = useAppState((state) => state.screen);
  const announcement = useAppState((state) => state.announcement);
  useEffect(() => {
    if (connection === 'unauthorized') dropToken();
  }, [connection]);
  if (connection === 'unauthorized') return <Gate refused />;
  return (
    <div className="app">
      <TitleBar />
      <div className="banners">
        <ConnectionBanner />
        <MismatchBanner />
        <FoundBanner />
      </div>
      <Rail />
      <main className="panel">
        <Panel screen={screen} />
        <Notice />
      </main>
      <DropLayer />
      <PasteIntake />
      <Dialogs />
      <Shortcuts />
      <div className="said" role="status" aria-live="polite">
        {announcement}
      </div>
    </div>
  );
}

function Panel({ screen }: { screen: Screen }) {
  switch (screen.name) {
    case 'queue':
      return <QueueScreen />;
    case 'search':
      return <SearchScreen />;
    case 'workers':
      return <WorkersScreen />;
    case 'spending':
      return <SpendingScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'text':
      return <TranscriptScreen key={screen.jobId} jobId={screen.jobId} />;
  }
}

/** The system's theme holds until a person says otherwise; the style sheets know both. */
function Theme() {
  const theme = useAppState((state) => state.theme);
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return null;
}
