// Owns the screen of one transcript: loads it with its recording, and lays out bar, player, text and what stands beside it.

import { useEffect } from 'react';
import { segmentNear } from '../../../transcript/word-clock.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { firstEditor } from '../../state/editor-slice.ts';
import { keptDraft } from '../../state/kept-draft.ts';
import { t } from '../../strings/texts.ts';
import { CarriedLine } from './carried-note.tsx';
import { CompareList } from './compare-list.tsx';
import { CueList } from './cue-list.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { FindBar } from './find-bar.tsx';
import { TranscriptFoot } from './foot.tsx';
import { LineList } from './line-list.tsx';
import { OfferLine } from './offer-line.tsx';
import { PlayerPanel } from './player-panel.tsx';
import { ReplaceDialog } from './replace-dialog.tsx';
import { SidePanel } from './side-panel.tsx';
import { TranscriptBar } from './transcript-bar.tsx';
import { TranscriptKeys } from './transcript-keys.tsx';

/** One recording, read, heard and corrected. */
export function TranscriptScreen({ jobId }: { jobId: string }) {
  useOpened(jobId);
  const state = useAppState(({ transcript }) => transcript.kind);
  const advice = useAppState(({ transcript }) => (transcript.kind === 'refused' ? transcript.advice : null));
  const empty = useAppState(({ transcript }) => transcript.kind === 'open' && transcript.machine.segments.length === 0);
  if (advice !== null) {
    return (
      <p className="hold" role="alert">
        {advice.what} {advice.lost} {advice.todo}
      </p>
    );
  }
  if (state !== 'open') return <p className="hold">{t.transcript.loading}</p>;
  return (
    <>
      <TranscriptBar jobId={jobId} />
      <FindBar />
      <PlayerPanel jobId={jobId} />
      {empty ? <p className="hold">{t.transcript.empty}</p> : <Body />}
      <TranscriptFoot />
      <TranscriptKeys />
      <Sheets jobId={jobId} />
    </>
  );
}

function Body() {
  const mode = useAppState((state) => state.editor.mode);
  return (
    <div className="textbody">
      <div className="textmain">
        {mode === 'read' && <LineList />}
        {mode === 'subtitles' && <CueList />}
        {mode === 'compare' && <CompareList />}
        <CarriedLine />
        <OfferLine />
      </div>
      <SidePanel />
    </div>
  );
}

function Sheets({ jobId }: { jobId: string }) {
  const { tools } = useApp();
  const sheet = useAppState((state) => state.editor.sheet);
  const close = (): void => tools.editor.patch({ sheet: 'none' });
  switch (sheet) {
    case 'none':
      return null;
    case 'export':
      return <ExportDialog jobId={jobId} onClose={close} />;
    case 'replace':
      return <ReplaceDialog onClose={close} />;
  }
}

/** Opens transcript and recording; goes to the place that was asked for; keeps what was typed when the screen is left. */
function useOpened(jobId: string): void {
  const { tools, store } = useApp();
  useEffect(() => {
    store.setState(firstEditor());
    void tools.session.open(jobId).then(() => {
      const cutOff = keptDraft(jobId);
      if (cutOff !== null) tools.session.keepUnsaved(jobId, cutOff.key, cutOff.text);
    });
    void tools.recording.open(jobId);
    const unsubscribe = store.subscribe((state, before) => {
      if (state.connection === 'open' && before.connection !== 'open') void tools.session.refresh();
    });
    return () => {
      unsubscribe();
      void tools.editor.keepDraft();
      tools.recording.close();
      tools.session.close();
    };
  }, [jobId, store, tools]);
  const openAt = useAppState((state) => state.openAt);
  const open = useAppState(({ transcript }) => transcript.kind === 'open' && transcript.jobId === jobId);
  useEffect(() => {
    if (!open || openAt === null || openAt.jobId !== jobId) return;
    store.setState({ openAt: null });
    const { segments } = tools.reading.view(store.getState()) ?? { segments: [] };
    // A line's own start counts as in it.
    const segment = segments[segmentNear(segments, openAt.atSec + 0.001)];
    if (segment !== undefined) tools.editor.select(segment.key);
    tools.player.playFrom(openAt.atSec);
  }, [open, openAt, jobId, store, tools]);
}
