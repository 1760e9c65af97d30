import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { NO_PROGRESS } from '../../contract/job.ts';
import { sampleTranscript } from '../client/memory-samples.ts';
import { dropFiles, openWindow, recording, rowOf, transferOf, withLayout, withOne } from './window.cases.tsx';

withLayout();

describe('the queue', () => {
  it('invites to drop where there is nothing', async () => {
    await openWindow();
    expect(screen.getByRole('heading', { name: 'Transcribe your first recording' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Choose files…' })).toBeTruthy();
  });

  it('says over the whole window what a drop will do', async () => {
    await openWindow();
    const dataTransfer = transferOf([recording('a.wav'), recording('b.wav')]);
    fireEvent.dragEnter(document.body, { dataTransfer });
    expect(screen.getByRole('region', { name: 'Drop to transcribe' }).textContent).toContain('2 items');
    fireEvent.dragLeave(document.body, { dataTransfer });
    expect(screen.queryByRole('region', { name: 'Drop to transcribe' })).toBeNull();
  });

  it('has a column for money as soon as a rented machine has cost some, and none before', async () => {
    const { engine, engineDoes, id } = await withOne();
    expect(screen.queryByRole('columnheader', { name: 'Cost' })).toBeNull();
    await engineDoes(() => engine.change(id, { state: 'running', stage: 'transcribing', costUsd: 0.001 }));
    expect(screen.getByRole('columnheader', { name: 'Cost' })).toBeTruthy();
    expect(rowOf('Day 5.mp4').textContent).toContain('<$0.01');
    const [batch] = engine.batches.values();
    await engineDoes(() => {
      if (batch !== undefined) engine.tell({ type: 'batch', batch: { ...batch, costUsd: 0.42 } });
    });
    expect(screen.getByRole('row', { name: /^Batch / }).textContent).toContain('cost $0.42');
  });

  it('asks where a missing recording lies, says when it is another one, and goes on with the right one', async () => {
    const { engine, engineDoes, user, settle, id } = await withOne();
    engine.otherFiles.add('/other.mp4');
    const waiting = { reason: 'source_missing' as const, since: 0, until: null, message: '' };
    await engineDoes(() => engine.change(id, { state: 'waiting', waiting, sha256: 'a'.repeat(64) }));
    await user.click(screen.getByRole('button', { name: 'Locate…' }));
    const field = screen.getByRole('textbox', { name: 'Path on this computer' });
    await user.clear(field);
    await user.type(field, '/other.mp4{Enter}');
    await settle();
    expect(screen.getByRole('dialog').textContent).toContain('not the same recording');
    await user.clear(field);
    await user.type(field, '/found.mp4');
    await user.click(screen.getByRole('button', { name: 'Use this file' }));
    await settle();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(engine.jobs.get(id)).toMatchObject({ sourcePath: '/found.mp4', state: 'queued' });
  });

  it('tells what of a recording is sent, once that is known', async () => {
    const { engine, engineDoes, app, settle, id } = await withOne();
    await engineDoes(() => app.store.setState({ dialog: { kind: 'job-history', id } }));
    await settle();
    expect(screen.getByRole('dialog').textContent).not.toContain('What is sent');
    const sent = { kind: 'opus', sizeBytes: 14_400_000, contentType: 'audio/ogg' } as const;
    await engineDoes(() => engine.change(id, { sent }));
    expect(screen.getByRole('dialog').textContent).toContain('The audio track as Opus, with some loss, 14');
  });

  it('says which cap holds a recording back, and opens what raises it', async () => {
    const { engine, engineDoes, user, app, id } = await withOne();
    const waiting = { reason: 'cap_batch' as const, since: 0, until: null, message: '' };
    await engineDoes(() => engine.change(id, { state: 'waiting', waiting }));
    expect(rowOf('Day 5.mp4').textContent).toContain('cap on GPU cost is reached');
    await user.click(screen.getByRole('button', { name: 'Change caps…' }));
    expect(app.store.getState().dialog.kind).toBe('rent');
  });

  it('takes a drop through reading, waiting, sending, live text, to a finished text', async () => {
    const { engine, settle, engineDoes, user, saved } = await openWindow();
    const hold = engine.holdUploads();
    dropFiles([recording('Day 5.mp4', 171_000)]);
    await settle();
    hold.progress(74_000);
    await settle();
    expect(rowOf('Day 5.mp4').textContent).toContain('Copying into the app 74 of 171 kB');
    hold.finish();
    await settle();
    expect(rowOf('Day 5.mp4').textContent).toContain('Queued, first in line');
    const [id = ''] = engine.jobs.keys();

    await engineDoes(() =>
      engine.change(id, { state: 'running', stage: 'downloading', attempt: 1, workerName: 'lab' }),
    );
    await engineDoes(() =>
      engine.tell({
        type: 'progress',
        id,
        progress: { ...NO_PROGRESS, percent: 43, sentBytes: 74e6, totalBytes: 171e6 },
      }),
    );
    expect(within(rowOf('Day 5.mp4')).getByRole('progressbar').getAttribute('aria-valuenow')).toBe('43');
    expect(rowOf('Day 5.mp4').textContent).toContain('Sending 74 of 171 MB');

    const fetching = { ...NO_PROGRESS, percent: 25, modelBytes: 120e6, modelTotalBytes: 480e6 };
    await engineDoes(() => engine.change(id, { stage: 'loading_model', progress: fetching }));
    expect(rowOf('Day 5.mp4').textContent).toContain('Downloading the model, once: 120 of 480 MB');

    const progress = { ...NO_PROGRESS, percent: 24, processedSec: 2535, totalSec: 10_720, speed: 41.2, etaSec: 198 };
    await engineDoes(() => engine.change(id, { stage: 'transcribing', durationSec: 10_720, progress }));
    for (const part of ['42:15 / 2:58:40', '41×', '3 min', 'lab'])
      expect(rowOf('Day 5.mp4').textContent).toContain(part);
    expect(screen.getByRole('banner').textContent).toContain('1 left, 2 h 16 m of audio, done around 13:37');

    for (const n of [1, 2, 3]) {
      const segment = { id: n, start: n * 6, end: n * 6 + 5, text: ` Sentence ${n}.` };
      await engineDoes(() => engine.tell({ type: 'segment', id, attempt: 1, segment }));
    }
    const live = screen.getByRole('log', { name: 'Live text of Day 5.mp4' });
    expect(live.textContent).not.toContain('Sentence 1.');
    expect(live.textContent).toContain('Sentence 3.');

    engine.transcripts.set(
      id,
      sampleTranscript([{ text: 'Good morning.', speaker: 'SPEAKER_00' }, { text: 'Thank you.' }]),
    );
    const outputs = [{ format: 'srt' as const, path: '/out/Day 5.srt' }];
    const times = { startedAt: 0, finishedAt: 240_000 };
    await engineDoes(() =>
      engine.change(id, { state: 'complete', stage: null, hasTranscript: true, outputs, ...times }),
    );
    expect(rowOf('Day 5.mp4').textContent).toContain('Done in 4 min, 45×');
    const copiedFrom = { jobId: 'job_earlier', name: 'Day 5.mp4', finishedAt: 0 };
    await engineDoes(() => engine.change(id, { copiedFrom }));
    expect(rowOf('Day 5.mp4').textContent).toContain('Transcript reused from an earlier run');
    expect(rowOf('Day 5.mp4').textContent).not.toContain('×');
    expect(screen.queryByRole('log')).toBeNull();
    expect(screen.getByText('Day 5.mp4 is done.')).toBeTruthy();

    await user.click(screen.getByRole('button', { name: 'Download SRT' }));
    expect(saved).toMatchObject([{ filename: 'Day 5.mp4.srt', text: 'Good morning. Thank you.' }]);
    await user.click(screen.getByRole('button', { name: 'Open transcript' }));
    await settle();
    const text = screen.getByRole('group', { name: 'Lines' });
    expect(text.textContent).toContain('Speaker 1Good morning.');
    expect(text.textContent).toContain('0:06');
    await user.click(within(screen.getByRole('banner')).getByRole('button', { name: 'Queue' }));
    expect(rowOf('Day 5.mp4')).toBeTruthy();
  });

  it('says of a failure what happened, what was not lost and what to do, and tries again', async () => {
    const { engine, engineDoes, settle, id, user } = await withOne();
    const error = { code: 'OUT_OF_MEMORY' as const, message: '' };
    await engineDoes(() => engine.change(id, { state: 'failed', error }));
    const row = rowOf('Day 5.mp4');
    expect(row.textContent).toContain('Failed: The worker ran out of memory.');
    expect(row.textContent).toContain('The recording itself was not touched.');
    expect(row.textContent).toContain('Use a GPU with more memory or a smaller model, then retry.');
    await user.click(within(row).getByRole('button', { name: 'Retry' }));
    await settle();
    expect(rowOf('Day 5.mp4').textContent).toContain('Queued');
  });

  it('says what is waited for and when it is tried again', async () => {
    const { engine, engineDoes, id } = await withOne();
    const waiting = { reason: 'retry' as const, since: 0, until: engineTime(7), message: 'The tunnel was cut.' };
    await engineDoes(() => engine.change(id, { state: 'waiting', waiting }));
    fireEvent.focus(rowOf('Day 5.mp4'));
    expect(rowOf('Day 5.mp4').textContent).toContain('Waiting: something went wrong on the way');
    expect(rowOf('Day 5.mp4').textContent).toContain('The tunnel was cut. Next attempt 13:41.');
  });

  it('names what could not be added, by its name and with its reason', async () => {
    const { engine, settle, user } = await openWindow((memory) =>
      memory.refuse.set('empty.wav', { code: 'EMPTY_FILE', message: '' }),
    );
    dropFiles([recording('empty.wav'), recording('good.wav')]);
    await settle();
    const dialog = screen.getByRole('dialog', { name: '1 recording could not be added' });
    expect(dialog.textContent).toContain('empty.wav');
    expect(dialog.textContent).toContain('The file is empty (0 bytes).Nothing was sent. Check the copy');
    await user.click(within(dialog).getByRole('button', { name: 'Close' }));
    expect(rowOf('good.wav')).toBeTruthy();
    expect(engine.jobs.size).toBe(1);
  });

  it('says why a command was refused, and nothing more once one succeeds', async () => {
    const { engine, settle, id, user } = await withOne();
    engine.jobs.delete(id);
    fireEvent.keyDown(rowOf('Day 5.mp4'), { key: 'Delete' });
    await user.click(await screen.findByRole('button', { name: 'Remove' }));
    await settle();
    expect(screen.getByRole('alert').textContent).toContain('This no longer exists.');
    await user.click(within(screen.getByRole('alert')).getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

function engineTime(minutes: number): number {
  return new Date(2026, 10, 23, 13, 34 + minutes).getTime();
}

describe('on a desktop', () => {
  it('names paths instead of reading files in, and shows files where they lie', async () => {
    const reveal = vi.fn();
    const desktop = {
      pathOf: (file: File) => `/media/${file.name}`,
      openFiles: async () => ['/media/chosen.wav'],
      openFolder: async () => [],
      secretsKept: async () => true,
      onTold: () => () => undefined,
      reveal,
    };
    const { engine, engineDoes, settle, user } = await openWindow(undefined, desktop);
    dropFiles([recording('dropped.wav')]);
    await settle();
    await user.click(screen.getByRole('button', { name: 'Add recordings' }));
    await settle();
    expect([...engine.jobs.values()].map((job) => job.sourcePath)).toEqual(['/media/dropped.wav', '/media/chosen.wav']);
    const [id = ''] = engine.jobs.keys();
    const outputs = [{ format: 'srt' as const, path: '/media/dropped.srt' }];
    await engineDoes(() => engine.change(id, { state: 'complete', hasTranscript: true, outputs }));
    await user.click(screen.getByRole('button', { name: 'Show SRT: /media/dropped.srt' }));
    expect(reveal).toHaveBeenCalledWith('/media/dropped.srt');
  });
});
