import { fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { WORKER_SAYS } from '../../contract/sentences/said-by-workers.ts';
import { say } from '../../contract/sentences.ts';
import { LOCAL_WORKER_ID } from '../../contract/worker-view.ts';
import { CPU_CAPABILITIES } from '../client/memory-samples.ts';
import { keepPreferences } from '../state/preferences.ts';
import { speak } from '../strings/texts.ts';
import { dropFiles, openWindow, recording, rowOf, withLayout } from './window.cases.tsx';

withLayout();

afterEach(() => {
  localStorage.clear();
  speak('en');
});

describe('the window in German', () => {
  it('says what the engine says in German, wherever that is shown', async () => {
    keepPreferences({ theme: 'system', language: 'de', dismissed: {} });
    const { app, engine, engineDoes, settle } = await openWindow((memory) => {
      memory.report = {
        ...{ at: 1, version: '0.1.0', ok: false },
        findings: [
          {
            ...{ check: 'disk_space', subject: null, verdict: 'failed' },
            message: say('disk_free', { gigabytesNumber: '0.4' }),
            advice: [say('disk_free_todo')],
          },
        ],
      };
    });
    speak('de');
    dropFiles([recording('Day 5.mp4')]);
    await settle();
    const [id = ''] = engine.jobs.keys();
    const message = say('lacks_size', { worker: 'This computer', megabytes: 500 });
    const waiting = { reason: 'worker_lacks' as const, since: 0, until: null, message };
    await engineDoes(() => engine.change(id, { state: 'waiting', waiting }));
    fireEvent.focus(rowOf('Day 5.mp4'));
    expect(rowOf('Day 5.mp4').textContent).toContain('Dieser Computer nimmt Aufnahmen bis zu 500 MB an.');

    app.store.setState({ dialog: { kind: 'doctor' } });
    await settle();
    expect(screen.getByRole('dialog').textContent).toContain('0,4 GB sind frei');
    expect(screen.getByRole('dialog').textContent).toContain('Schaff Platz auf dieser Platte');
    app.store.setState({ dialog: { kind: 'none' }, screen: { name: 'workers', workerId: LOCAL_WORKER_ID } });

    const capabilities = { ...CPU_CAPABILITIES, diarizationReason: WORKER_SAYS.speakers_finding_out };
    const here = { kind: 'local', name: 'This computer', health: 'ok', capabilities } as const;
    await engineDoes(() => engine.worker(LOCAL_WORKER_ID, here));
    const panel = screen.getByRole('article', { name: 'Dieser Computer' });
    expect(panel.textContent).toContain('Ob sich Sprecher unterscheiden lassen, wird gerade festgestellt.');
    const detail = say('setup_downloads_size', { name: 'ctranslate2', size: '38 MB' });
    await engineDoes(() => engine.worker(LOCAL_WORKER_ID, { health: 'installing', detail, capabilities: null }));
    expect(panel.textContent).toContain('Lädt ctranslate2 herunter (38 MB)');
  });
});
