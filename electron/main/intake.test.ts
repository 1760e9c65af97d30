import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import type { CallEngine } from './engine-client.ts';
import { setupIntake } from './intake.ts';

const LINK = 'bulk-transcribe://worker?url=https://pod.example&token=s3cret&name=Pod';

function setup(response = 0) {
  const call = vi.fn(async (name: string, params: { paths?: string[] }): Promise<unknown> => {
    if (name !== 'addJobs') return {};
    const paths = params.paths ?? [];
    return {
      batch: null,
      jobs: paths.filter((path) => path.endsWith('.wav')).map((sourcePath) => ({ sourcePath })),
      refused: paths
        .filter((path) => !path.endsWith('.wav'))
        .map((path) => ({ path, error: { code: 'NOT_A_RECORDING', message: '' } })),
    };
  });
  const showMessageBox = vi.fn(async (..._args: unknown[]) => ({ response, checkboxChecked: false }));
  const addRecentDocument = vi.fn();
  const show = vi.fn();
  const take = setupIntake({
    app: { addRecentDocument },
    dialog: { showMessageBox } as never,
    call: call as unknown as CallEngine,
    show,
  });
  return { call, showMessageBox, addRecentDocument, show, take };
}

describe('files that were handed over', () => {
  it('enter the queue and the list of recent ones, and the window is shown', async () => {
    const { call, addRecentDocument, show, showMessageBox, take } = setup();
    await take({ paths: ['/a.wav', '/b.wav'], links: [] });
    expect(show).toHaveBeenCalledOnce();
    expect(call.mock.calls).toEqual([['addJobs', { paths: ['/a.wav', '/b.wav'] }]]);
    expect(addRecentDocument.mock.calls).toEqual([['/a.wav'], ['/b.wav']]);
    expect(showMessageBox).not.toHaveBeenCalled();
  });

  it('that cannot be taken are named with the reason', async () => {
    const { showMessageBox, take } = setup();
    await take({ paths: ['/a.wav', '/b.txt'], links: [] });
    expect(showMessageBox.mock.calls[0]?.[0]).toMatchObject({ detail: expect.stringMatching(/^\/b\.txt\n\n\w/) });
  });

  it('are told of when the engine refuses them all', async () => {
    const { call, showMessageBox, take } = setup();
    call.mockRejectedValueOnce(new AppError('DISK_FULL'));
    await take({ paths: ['/a.wav'], links: [] });
    expect(showMessageBox.mock.calls[0]?.[0]).toMatchObject({
      type: 'error',
      detail: expect.stringContaining('Finished transcripts are kept'),
    });
  });

  it('may be none: the window is shown', async () => {
    const { call, show, take } = setup();
    await take({ paths: [], links: [] });
    expect([show.mock.calls.length, call.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('a link', () => {
  it('adds a worker only after a person said so, and shows where the recordings would go', async () => {
    const no = setup(0);
    await no.take({ paths: [], links: [LINK] });
    expect(no.call).not.toHaveBeenCalled();
    const [asked] = no.showMessageBox.mock.calls[0] ?? [];
    expect(asked).toMatchObject({ message: expect.stringContaining('https://pod.example'), defaultId: 0, cancelId: 0 });
    expect(JSON.stringify(asked)).not.toContain('s3cret');

    const yes = setup(1);
    await yes.take({ paths: [], links: [LINK] });
    expect(yes.call.mock.calls).toEqual([['addWorker', { name: 'Pod', url: 'https://pod.example', token: 's3cret' }]]);
  });

  it('that is not one of ours does nothing, and is not repeated in the message', async () => {
    const { call, showMessageBox, take } = setup(1);
    await take({ paths: [], links: ['bulk-transcribe://worker?url=http://evil.example&token=s3cret'] });
    expect(call).not.toHaveBeenCalled();
    expect(JSON.stringify(showMessageBox.mock.calls)).not.toMatch(/s3cret|evil/);
  });

  it('comes not in crowds', async () => {
    const { showMessageBox, take } = setup(0);
    await take({ paths: [], links: Array.from({ length: 50 }, () => LINK) });
    expect(showMessageBox).toHaveBeenCalledTimes(3);
  });
});
