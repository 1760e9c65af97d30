import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { MemoryEngine } from '../client/memory-client.ts';
import { CPU_CAPABILITIES, GPU_CAPABILITIES } from '../client/memory-samples.ts';
import { openWindow, withLayout } from './window.cases.tsx';

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
      expect(banner()?.textContent).toContain('lab-a100 runs another build than you expect');
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
    expect(banner()?.textContent).toContain('2 workers run another build than you expect');
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
      'Answers',
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
    expect(panel.textContent).toContain(`Being installed`);
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
    expect(sheet.textContent).toContain('An address begins with http:// or https://.');
    await user.clear(within(sheet).getByLabelText('Address'));
    await user.type(within(sheet).getByLabelText('Address'), 'https://gpu.example:8000');
    expect(within(sheet).getByLabelText('Token').getAttribute('type')).toBe('password');
    await user.type(within(sheet).getByLabelText('Token'), 'secret');
    await user.click(test);
    await settle();
    const checks = within(sheet).getByRole('region', { name: 'What the test found' });
    expect(
      within(checks)
        .getAllByRole('listitem')
        .map((check) => check.textContent),
    ).toEqual(['AddressgoodIt answers in 84 ms.', 'Tokennot goodIt is refused.']);
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
