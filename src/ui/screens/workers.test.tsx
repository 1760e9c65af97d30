import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { MemoryEngine } from '../client/memory-client.ts';
import { CPU_CAPABILITIES, GPU_CAPABILITIES } from '../client/memory-samples.ts';
import { openWindow, withLayout } from './window.cases.tsx';
import { minutes } from './worker-history.tsx';

withLayout();

const at = (hour: number, minute: number): number => new Date(2026, 10, 23, hour, minute).getTime();

function differing(engine: MemoryEngine, got = 'e07c1f2'): void {
  engine.worker('lab', {
    ...{ name: 'lab-a100', health: 'ok', capabilities: GPU_CAPABILITIES, latencyMs: 212, mismatchSince: at(11, 48) },
    identity: {
      gitCommit: got,
      buildTime: '2026-11-23T11:31:00Z',
      declaredImageDigest: null,
      imageDigestSource: 'none',
    },
    expectedIdentity: { gitCommit: 'b4b98e5', imageDigest: null },
    verdict: { matches: false, reason: `gitCommit: expected 'b4b98e5', got '${got}'` },
  });
}

const banner = (): HTMLElement | null => screen.queryByRole('region', { name: 'Identity' });

describe('a worker that is another build than expected', () => {
  it('is named on every screen with its fields, and is put aside until it changes', async () => {
    const { engine, engineDoes, user } = await openWindow((memory) => differing(memory));
    for (const place of ['Workers', 'Settings', 'Queue']) {
      await user.click(within(screen.getByRole('navigation')).getByRole('button', { name: new RegExp(`^${place}`) }));
      expect(banner()?.textContent).toContain('lab-a100 runs a different build than expected');
    }
    expect(banner()?.textContent).toContain('commit expected b4b98e5, got e07c1f2');
    expect(banner()?.textContent).toContain('since 11:48');
    await user.click(within(banner() as HTMLElement).getByRole('button', { name: 'Dismiss' }));
    expect(banner()).toBeNull();
    await engineDoes(() => engine.worker('lab', { latencyMs: 5 }));
    expect(banner()).toBeNull();
    await engineDoes(() => differing(engine, 'ffff000'));
    expect(banner()?.textContent).toContain('got ffff000');
  });

  it('becomes what is expected when it is adopted', async () => {
    const { engine, settle, user } = await openWindow((memory) => differing(memory));
    await user.click(within(banner() as HTMLElement).getByRole('button', { name: 'Details' }));
    const panel = screen.getByRole('article', { name: 'lab-a100' });
    expect(within(panel).getByRole('row', { name: /Commit/ }).textContent).toBe(
      'Commitb4b98e5e07c1f2differs since 11:48',
    );
    expect(within(panel).getByRole('row', { name: /Built/ }).textContent).toContain('2026-11-23 11:31');
    await user.click(within(banner() as HTMLElement).getByRole('button', { name: 'Adopt' }));
    await settle();
    expect(banner()).toBeNull();
    expect(engine.workers.get('lab')?.expectedIdentity?.gitCommit).toBe('e07c1f2');
    expect(panel.textContent).toContain('Identity as expected: e07c1f2');
  });

  it('folds with others into one line', async () => {
    const { engine, engineDoes } = await openWindow((memory) => differing(memory));
    const lab = engine.workers.get('lab');
    await engineDoes(() => engine.worker('second', { ...lab, id: 'second', name: 'second' }));
    expect(banner()?.textContent).toContain('2 workers run a different build than expected');
    expect(within(banner() as HTMLElement).queryByRole('button', { name: 'Adopt' })).toBeNull();
  });
});

describe('a panel', () => {
  it('tells what the worker tells, and what it does not', async () => {
    const { engine, engineDoes, user } = await openWindow((memory) => {
      memory.worker('here', { kind: 'local', name: 'This computer', health: 'ok', capabilities: CPU_CAPABILITIES });
    });
    await user.click(screen.getByRole('button', { name: /^Workers/ }));
    const panel = screen.getByRole('article', { name: 'This computer' });
    for (const fact of [
      'Online',
      'CPU, 8 threads',
      'small, base',
      'not ready: pyannote is not installed',
      '1 of 1 in use',
    ]) {
      expect(panel.textContent).toContain(fact);
    }
    expect(panel.textContent).not.toContain('CUDA');
    const detail = 'Fetching faster-whisper, 3 of 14 packages.';
    await engineDoes(() => engine.worker('here', { health: 'installing', detail, capabilities: null }));
    expect(panel.textContent).toContain(`Installing`);
    expect(panel.textContent).toContain(detail);
    const error = { code: 'REMOTE_WORKER_UNAUTHORIZED' as const, message: '' };
    await engineDoes(() => engine.worker('here', { health: 'unauthorized', detail: null, error }));
    expect(panel.textContent).toContain('The worker refused the token.');
    expect(panel.textContent).toContain('Make WORKER_TOKEN on the worker and the token here the same');
  });
});

describe('adding a worker', () => {
  it('tests step by step, saves, and never shows the token', async () => {
    const { engine, settle, user } = await openWindow((memory) => {
      memory.check = {
        ok: false,
        checks: [
          { name: 'Address', ok: true, message: 'It answers in 84 ms.' },
          { name: 'Token', ok: false, message: 'It is refused.' },
        ],
      };
    });
    await user.click(screen.getByRole('button', { name: /^Workers/ }));
    await user.click(screen.getByRole('button', { name: 'Add by address…' }));
    const sheet = screen.getByRole('dialog', { name: 'Add a worker' });
    const test = within(sheet).getByRole('button', { name: 'Test' });
    await user.type(within(sheet).getByLabelText('Address'), 'gpu.example');
    expect(sheet.textContent).toContain('The address must begin with http:// or https://.');
    await user.clear(within(sheet).getByLabelText('Address'));
    await user.type(within(sheet).getByLabelText('Address'), 'https://gpu.example:8000');
    expect(within(sheet).getByLabelText('Token').getAttribute('type')).toBe('password');
    await user.type(within(sheet).getByLabelText('Token'), 'secret');
    await user.click(test);
    await settle();
    const checks = within(sheet).getByRole('region', { name: 'Test results' });
    expect(
      within(checks)
        .getAllByRole('listitem')
        .map((check) => check.textContent),
    ).toEqual(['AddressOKIt answers in 84 ms.', 'TokenProblemIt is refused.']);
    expect(engine.workers.size).toBe(0);
    await user.click(within(sheet).getByRole('button', { name: 'Save' }));
    await settle();
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(screen.getByRole('article', { name: 'gpu.example' })).toBeTruthy();
    expect(document.body.innerHTML).not.toContain('secret');

    await user.click(screen.getByRole('button', { name: 'Remove gpu.example' }));
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Remove' }));
    await settle();
    expect(engine.workers.size).toBe(0);
  });
});

describe('what a person does with a worker', () => {
  it('drains it, gives it work again, and changes it without knowing its token', async () => {
    const { engine, settle, user } = await openWindow((memory) =>
      memory.worker('lab', { name: 'lab-a100', kind: 'saved', health: 'ok', url: 'https://old.example', jobs: 2 }),
    );
    await user.click(screen.getByRole('button', { name: 'Workers' }));
    await user.click(screen.getByRole('button', { name: 'Drain lab-a100' }));
    await settle();
    expect(screen.getByRole('article').textContent).toContain('no new recordings; finishing 2 recordings.');
    await user.click(screen.getByRole('button', { name: 'Resume work on lab-a100' }));
    await settle();
    expect(engine.workers.get('lab')?.drainedSince).toBeNull();

    await user.click(screen.getByRole('button', { name: 'Edit lab-a100' }));
    const sheet = screen.getByRole('dialog', { name: 'Edit lab-a100' });
    const address = within(sheet).getByRole('textbox', { name: 'Address' });
    await user.clear(address);
    await user.type(address, 'https://new.example');
    await user.click(within(sheet).getByRole('button', { name: 'Save' }));
    await settle();
    expect(engine.calls.at(-1)).toEqual({
      name: 'editWorker',
      params: { id: 'lab', name: 'lab-a100', url: 'https://new.example' },
    });
  });

  it('expects what the push script printed, and says where nothing is in the text', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    const { engine, settle, user } = await openWindow((memory) =>
      memory.worker('lab', {
        ...{ name: 'lab-a100', kind: 'saved', health: 'ok' },
        identity: { gitCommit: 'e07c1f2', buildTime: null, declaredImageDigest: null, imageDigestSource: 'none' },
      }),
    );
    await user.click(screen.getByRole('button', { name: 'Workers' }));
    await user.click(screen.getByText('Identity is not checked: no expected build is set.'));
    await user.click(screen.getByRole('button', { name: 'Paste expected…' }));
    const field = screen.getByRole('textbox', { name: 'Output of push_worker.sh' });
    await user.type(field, 'nothing of use');
    expect(screen.getByText('No commit or digest found in this text.')).toBeTruthy();
    await user.clear(field);
    await user.type(field, `Commit: b4b98e5\nDigest: ${digest}`);
    await user.click(screen.getByRole('button', { name: 'Expect this' }));
    await settle();
    expect(engine.workers.get('lab')?.expectedIdentity).toEqual({ gitCommit: 'b4b98e5', imageDigest: digest });
    expect(screen.getByRole('region', { name: 'Identity' }).textContent).toContain('e07c1f2');
  });

  it('shows the last hour, with what was missed', () => {
    const now = 10 * 3_600_000;
    const at = (minutesAgo: number): number => now - minutesAgo * 60_000;
    const past = [
      { at: at(10), until: null, health: 'ok' as const, error: null, latencyMs: 80 },
      { at: at(13), until: at(10), health: 'unreachable' as const, error: null, latencyMs: null },
      { at: at(30), until: at(13), health: 'ok' as const, error: null, latencyMs: 90 },
    ];
    const bars = minutes(past, now);
    expect(bars).toHaveLength(60);
    expect(bars.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => null));
    expect(bars.filter((bar) => bar?.missed)).toHaveLength(3);
    expect(bars.at(-1)).toEqual({ missed: false, latencyMs: 80 });
  });
});
