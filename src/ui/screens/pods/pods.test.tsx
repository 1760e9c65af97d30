import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { MemoryEngine } from '../../client/memory-client.ts';
import { openWindow, withLayout } from '../window.cases.tsx';

withLayout();

function withKey(engine: MemoryEngine): void {
  engine.rented.sum({ account: { ...engine.rented.summary.account, state: 'ok', apiKeySaved: true } });
}

const go = (name: string): HTMLElement =>
  within(screen.getByRole('navigation')).getByRole('button', { name: new RegExp(`^${name}`) });

describe('renting a GPU', () => {
  it('asks for the key first, then says what each would cost, and starts the cheapest with what comes after it', async () => {
    const { engine, settle, user } = await openWindow(() => undefined);
    await user.click(go('Workers'));
    await user.click(screen.getByRole('button', { name: 'Start a GPU…' }));
    const start = () => screen.getByRole('button', { name: /^Start(?: RTX 4090| )?$/ });
    expect(screen.queryByRole('radio')).toBeNull();
    expect((start() as HTMLButtonElement).disabled).toBe(true);
    await user.type(screen.getByLabelText('RunPod API key'), ' rpa_secret ');
    await user.click(screen.getByRole('button', { name: 'Use this key' }));
    await settle();

    expect(screen.getByRole('radio', { name: /^RTX 4090, 24 GB, \$0\.44\/h, .*cost: \$0\.13/i })).toHaveProperty(
      'checked',
      true,
    );
    expect(screen.getByText(/RTX 4090 is the cheapest for this queue\. If none is free: A100 PCIe\./)).toBeTruthy();
    expect(screen.getByText('About $0.13')).toBeTruthy();
    // A guess says that it is one.
    expect(screen.getByRole('radio', { name: /^A100 PCIe.*assumed, not measured yet/ })).toBeTruthy();
    await user.click(start());
    await settle();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(engine.calls.filter(({ name }) => name === 'runPods')).toMatchObject([
      { params: { gpuIds: ['NVIDIA GeForce RTX 4090', 'NVIDIA A100 80GB PCIe'], maxPods: 1 } },
    ]);
    expect(screen.getByRole('article', { name: 'RTX 4090 pod' }).textContent).toContain('Renting');
    expect(document.body.innerHTML).not.toContain('rpa_secret');
  });

  it('says how many it takes to be done in time, or that it cannot be, before anything is started', async () => {
    const { engine, settle, user } = await openWindow((memory) => {
      withKey(memory);
      const offers = memory.rented.prices.offers.map((offer) =>
        offer.estimate === null ? offer : { ...offer, estimate: { ...offer.estimate, wallSec: 9000 } },
      );
      memory.rented.prices = { ...memory.rented.prices, offers };
    });
    await user.click(go('Workers'));
    await user.click(screen.getByRole('button', { name: 'Start a GPU…' }));
    await settle();
    const doneBy = async (time: string): Promise<void> => {
      await user.click(screen.getByRole('button', { name: /Done by/ }));
      await user.click(screen.getByRole('option', { name: time }));
      await settle();
    };
    await doneBy('15:34');
    expect(screen.getByText('2 × RTX 4090: done in about 1 h 15 m.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /How many/ })).toBeNull();
    await doneBy('14:34');
    expect(screen.getByText(/^3 × RTX 4090: done in about 50/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Start RTX 4090' }));
    await settle();
    const runs = engine.calls.filter(({ name }) => name === 'runPods').map(({ params }) => params);
    expect(runs.at(-1)).toMatchObject({ deadlineHours: 1 });
    expect(runs.at(-1)).not.toHaveProperty('dryRun');
    expect(runs.at(-1)).not.toHaveProperty('maxPods');
  });

  it('offers a larger model where the small one is set, and can take it back', async () => {
    const { app, engine, settle, user } = await openWindow(withKey);
    await app.client.call('addJobs', { paths: ['/waits.wav'] });
    const waits = () => [...engine.jobs.values()][0]?.options.model;
    await user.click(go('Workers'));
    await user.click(screen.getByRole('button', { name: 'Start a GPU…' }));
    await settle();
    for (const [name, model] of [
      [/^large-v3, /, 'large-v3'],
      ['small', 'small'],
    ] as const) {
      await user.click(screen.getByRole('button', { name: /Model$/ }));
      await user.click(screen.getByRole('option', { name }));
      await settle();
      expect([engine.view.settings.jobDefaults.model, waits()]).toEqual([model, model]);
    }
  });

  it('starts another in place of one that failed, on the same GPU unless told otherwise', async () => {
    const { engine, settle, user } = await openWindow((memory) => {
      withKey(memory);
      memory.rented.pod('gone', {
        ...{ state: 'failed', gpuId: 'NVIDIA A100 80GB PCIe', gpuName: 'A100 PCIe', actions: [] },
        trouble: { code: 'POD_BOOT_TIMEOUT', message: '' },
      });
    });
    await user.click(go('Workers'));
    await user.click(screen.getByRole('button', { name: 'Start another…' }));
    await settle();
    await user.click(screen.getByRole('button', { name: 'Start A100 PCIe' }));
    await settle();
    const run = engine.calls.find(({ name }) => name === 'runPods')?.params;
    expect(run).toMatchObject({ gpuIds: ['NVIDIA A100 80GB PCIe', 'NVIDIA GeForce RTX 4090'] });
  });

  it('keeps the terms as the settings of all pods, and refuses amounts that are none', async () => {
    const { engine, settle, user } = await openWindow(withKey);
    await user.click(go('Workers'));
    await user.click(screen.getByRole('button', { name: 'Start a GPU…' }));
    await settle();
    const cap = screen.getByLabelText('Cap per batch, US dollars');
    await user.type(cap, 'much{Enter}');
    expect(screen.getByText('Enter a number above zero.')).toBeTruthy();
    await user.clear(cap);
    await user.type(cap, '2,50{Enter}');
    await settle();
    expect(engine.view.settings.pods.capPerBatchUsd).toBe(2.5);
    expect(screen.getByText(/, at most \$2\.50$/)).toBeTruthy();
    const idle = screen.getByLabelText('End when idle, minutes');
    await user.clear(idle);
    await user.type(idle, '5{Enter}');
    await settle();
    expect(engine.view.settings.pods.idleStopMinutes).toBe(5);
  });
});

describe('a pod', () => {
  it('shows its meter on the panel of its worker, and is ended after a question that says what is lost', async () => {
    const { engine, engineDoes, settle, user } = await openWindow((memory) => {
      withKey(memory);
      memory.worker('rented', { name: 'RTX 4090', kind: 'pod', health: 'ok' });
      memory.rented.pod('rented', {
        ...{ providerId: 'p1', state: 'ready', workerId: 'rented', jobsHeld: 2, spent: 0.53, costPerHour: 0.44 },
        ...{ actions: ['drain', 'terminate', 'stop'], imageDiffers: false },
      });
    });
    await user.click(go('Workers'));
    const panel = screen.getByRole('article', { name: 'RTX 4090' });
    expect(panel.textContent).toContain('$0.53 in 1 s at $0.44/h');
    expect(panel.textContent).toContain('RunPod reports the same image');
    await user.click(within(panel).getByRole('button', { name: 'End…: RTX 4090 pod' }));
    const question = screen.getByRole('alertdialog');
    expect(document.activeElement).toBe(within(question).getByRole('button', { name: 'Keep it' }));
    expect(question.textContent).toContain('It is working on 2 recordings. They return to the queue');
    await user.click(within(question).getByRole('button', { name: 'Finish, then end' }));
    await settle();
    expect(engine.rented.pods.get('rented')?.state).toBe('draining');
    await engineDoes(() => engine.rented.pod('rented', { imageDiffers: true, imageAtProvider: 'other:latest' }));
    expect(panel.textContent).toContain('RunPod reports a different image than requested');
  });

  it('shows its log, with what it says while one looks', async () => {
    const { engine, engineDoes, settle, user } = await openWindow((memory) => {
      withKey(memory);
      memory.rented.pod('second', { providerId: 'p2', state: 'starting', detail: 'The image is being fetched.' });
      memory.rented.say('second', [{ at: '2026-11-23T13:30:00Z', source: 'system', line: 'image pulled' }]);
    });
    await user.click(go('Workers'));
    expect(screen.getByText('The image is being fetched.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Log of RTX 4090 pod' }));
    await settle();
    const log = screen.getByRole('list', { name: 'Log' });
    expect(log.textContent).toBe('13:30:00image pulled');
    await engineDoes(() =>
      engine.rented.say('second', [{ at: '2026-11-23T13:31:00Z', source: 'container', line: '<b>up</b>' }]),
    );
    expect(log.textContent).toContain('<b>up</b>');
  });

  it('that nobody knows is told of on every screen until somebody takes it over or ends it', async () => {
    const { engine, settle, user } = await openWindow((memory) => {
      withKey(memory);
      memory.rented.pod('lost', { state: 'found', costPerHour: 0.39, actions: ['adopt', 'terminate'], foreign: true });
    });
    const told = screen.getByRole('region', { name: '1 pod runs at RunPod that this app does not know' });
    expect(told.textContent).toContain('$0.39/h');
    await user.click(within(told).getByRole('button', { name: 'Show' }));
    await user.click(screen.getByRole('button', { name: 'Take over: RTX 4090 pod' }));
    await settle();
    expect(engine.rented.pods.get('lost')?.foreign).toBe(false);
    await user.click(go('Queue'));
    expect(screen.queryByText(/this app does not know/)).toBeNull();
  });
});

describe('the money', () => {
  it('is at the foot of the rail while a pod lives, and leads to what was spent by day and batch', async () => {
    const { engine, engineDoes, settle, user } = await openWindow((memory) => {
      withKey(memory);
      memory.rented.spending = {
        ...{ costPerHour: 0.44, today: 0.53, total: 1.53, usdPerAudioHour: 0.0093 },
        days: [
          { day: '2026-11-22', usd: 1, billed: true, audioSec: 7200 },
          { day: '2026-11-23', usd: 0.53, billed: false, audioSec: 3600 },
        ],
        batches: [
          { batchId: 'b', name: 'Hearing', usd: 1.5, audioSec: 10_800, usdPerAudioHour: 0.5 },
          { batchId: null, name: '', usd: 0.03, audioSec: 0, usdPerAudioHour: null },
        ],
        caps: { perBatchUsd: null, perDayUsd: 1 },
      };
    });
    expect(screen.queryByRole('button', { name: /\/h/ })).toBeNull();
    await engineDoes(() => engine.rented.sum({ live: 1, costPerHour: 0.44, spentToday: 0.53, capPerDayUsd: 20 }));
    const meter = within(screen.getByRole('navigation')).getByRole('button', { name: /\$0\.44\/h/ });
    expect(meter.textContent).toContain('$0.53 of $20.00');
    await user.click(meter);
    await settle();
    expect(screen.getByText('$1.53 in 30 days, $0.0093 per hour of audio')).toBeTruthy();
    expect(screen.getByRole('img').getAttribute('aria-label')).toBe(
      '2026-11-22: $1.00, 2 h 00 m of audio; 2026-11-23: $0.53, 1 h 00 m of audio',
    );
    expect(screen.getByRole('row', { name: /Hearing/ }).textContent).toBe('Hearing3 h 00 m$0.50$1.50');
    expect(screen.getByRole('row', { name: /Starting and waiting/ }).textContent).toContain('$0.03');
  });
});
