import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { NO_PROGRESS } from '../../contract/job.ts';
import { DEFAULT_JOB_OPTIONS } from '../../contract/options.ts';
import type { MemoryEngine } from '../client/memory-client.ts';
import { sampleTranscript } from '../client/memory-samples.ts';
import { type OpenWindow, openWindow, withLayout } from './window.cases.tsx';

withLayout();

/** A finished recording with `lines` in its transcript. */
function finished(engine: MemoryEngine, id: string, lines: readonly string[], finishedAt: number): void {
  engine.batches.set('all', {
    ...{ id: 'all', name: 'All', createdAt: 0, pausedSince: null, costUsd: null, options: null },
    ...{ counts: {}, jobs: 0, unmeasured: 0, totalSec: 0, processedSec: 0, etaSec: null },
  });
  engine.jobs.set(id, {
    ...{ id, batchId: 'all', position: engine.jobs.size + 1, name: `${id}.wav`, sourcePath: `/${id}.wav` },
    ...{ sizeBytes: 1, durationSec: 60, sha256: null, state: 'complete', stage: null, waiting: null, error: null },
    ...{ attempt: 1, options: DEFAULT_JOB_OPTIONS, progress: NO_PROGRESS, workerId: null, workerName: null },
    ...{
      outputs: [],
      hasTranscript: true,
      copiedFrom: null,
      costUsd: null,
      createdAt: 0,
      startedAt: 0,
      finishedAt,
      updatedAt: 0,
    },
  });
  engine.transcripts.set(id, sampleTranscript(lines.map((text) => ({ text }))));
}

async function inSearch(prepare: (engine: MemoryEngine) => void): Promise<OpenWindow & { field: HTMLElement }> {
  const parts = await openWindow(prepare);
  await parts.user.keyboard('{Control>}k{/Control}');
  const field = screen.getByRole('combobox', { name: 'Search all transcripts' });
  expect(document.activeElement).toBe(field);
  return { ...parts, field };
}

const chosen = (): string | null => screen.getByRole('option', { selected: true }).textContent;

describe('the search over all transcripts', () => {
  it('shows finished recordings, newest first, before anything is typed', async () => {
    const { app, user } = await inSearch((engine) => {
      finished(engine, 'old', ['The boat.'], 1_000);
      finished(engine, 'new', ['The harbour.'], 2_000);
    });
    expect(screen.getAllByRole('option').map((option) => option.textContent?.slice(0, 7))).toEqual([
      'new.wav',
      'old.wav',
    ]);
    await user.keyboard('{ArrowDown}{Enter}');
    expect(app.store.getState()).toMatchObject({ screen: { name: 'text', jobId: 'old' }, openAt: null });
  });

  it('names the folder of recordings that have one name', async () => {
    const { user, settle } = await inSearch((engine) => {
      for (const [id, name, folder] of [
        ['one', 'Rec 001.wav', 'Day 1'],
        ['two', 'Rec 001.wav', 'Day 2'],
        ['three', 'Other.wav', 'Day 3'],
      ] as const) {
        finished(engine, id, ['The boat.'], 1_000);
        const job = engine.jobs.get(id);
        if (job !== undefined) engine.jobs.set(id, { ...job, name, sourcePath: `/case/${folder}/${name}` });
      }
    });
    await user.keyboard('boat');
    await settle();
    const heads = [...document.querySelectorAll('.found .head')].map((head) => head.textContent ?? '');
    expect(heads).toHaveLength(3);
    expect(heads.filter((head) => /^Rec 001\.wavDay [12]1 place$/.test(head))).toHaveLength(2);
    expect(heads).toContainEqual('Other.wav1 place');
  });

  it('goes through the places by arrows and opens one at its second', async () => {
    const { app, user, settle } = await inSearch((engine) =>
      finished(engine, 'hearing', ['We had a boat.', 'No word of it.', 'The boat was small.'], 1_000),
    );
    await user.keyboard('boat');
    await settle();
    expect(screen.getAllByRole('option')).toHaveLength(2);
    expect(chosen()).toContain('We had a boat.');
    await user.keyboard('{ArrowDown}');
    expect(chosen()).toContain('The boat was small.');
    expect(document.querySelector('[aria-selected="true"] mark')?.textContent).toBe('boat');
    const start = app.store.getState().finding.hits[1]?.start;
    expect(start).toBeGreaterThan(0);
    await user.keyboard('{Enter}');
    expect(app.store.getState().screen).toEqual({ name: 'text', jobId: 'hearing', from: 'search' });
    await settle();
    // What was found is still there on the way back.
    await user.keyboard('{Control>}k{/Control}');
    expect(screen.getByRole<HTMLInputElement>('combobox').value).toBe('boat');
    expect(chosen()).toContain('The boat was small.');
  });

  it('fetches further places when their end is near, and asks once for what is typed fast', async () => {
    const lines = Array.from({ length: 120 }, (_, line) => `Boat number ${line}.`);
    const { app, engine, user, settle } = await inSearch((memory) => finished(memory, 'long', lines, 1_000));
    await user.keyboard('boat');
    await settle();
    const queries = engine.calls.filter(({ name }) => name === 'searchTranscripts');
    expect(queries.at(-1)?.params).toMatchObject({ query: 'boat' });
    await user.keyboard('{PageDown}{PageDown}{PageDown}{PageDown}{PageDown}');
    await settle();
    expect(app.store.getState().finding.hits.length).toBeGreaterThan(50);
    const segments = app.store.getState().finding.hits.map(({ segment }) => segment);
    expect(new Set(segments).size).toBe(segments.length);
  });

  it('says how many transcripts it does not know yet, until it knows them', async () => {
    const { engine, user, settle } = await inSearch((memory) => {
      finished(memory, 'old', ['The boat.'], 1_000);
      finished(memory, 'new', ['Another boat.'], 2_000);
      memory.notSearchable.add('new');
    });
    await user.keyboard('boat');
    await settle();
    const said = () => screen.getAllByRole('status').map((status) => status.textContent);
    expect(said()).toContain('1 place · 1 new transcript is not searchable yet. Search again in a moment.');
    engine.notSearchable.clear();
    await user.keyboard('{Backspace}');
    await settle();
    expect(said()).toContain('2 places');
  });

  it('says where nothing was found, and is emptied by Escape', async () => {
    const { user, settle, field } = await inSearch((engine) => finished(engine, 'a', ['The boat.'], 1_000));
    await user.keyboard('zebra');
    await settle();
    expect(screen.getByText('No transcript contains “zebra”.')).toBeTruthy();
    await user.keyboard('{Escape}');
    expect((field as HTMLInputElement).value).toBe('');
    expect(screen.getAllByRole('option')).toHaveLength(1);
  });
});
