import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { dropFiles, openWindow, recording, rowOf, withLayout, withOne } from './window.cases.tsx';

withLayout();

describe('without a mouse', () => {
  it('goes along the rows, folds, filters, acts and removes', async () => {
    const { app, engine, engineDoes, settle, user } = await openWindow();
    dropFiles([recording('one.wav'), recording('two.wav')]);
    await settle();
    const [one = '', two = ''] = engine.jobs.keys();
    await engineDoes(() => engine.change(one, { state: 'failed', error: { code: 'OUT_OF_MEMORY', message: '' } }));

    await user.keyboard('/');
    expect(document.activeElement).toBe(screen.getByRole('searchbox', { name: 'Filter by name' }));
    await user.keyboard('tw');
    expect(screen.queryByRole('row', { name: /one\.wav/ })).toBeNull();
    await user.keyboard('{Escape}');
    expect(rowOf('one.wav')).toBeTruthy();

    const [, batch] = screen.getAllByRole('row');
    batch?.focus();
    await user.keyboard('{ArrowDown}');
    await vi.waitFor(() => expect(document.activeElement).toBe(rowOf('one.wav')));
    await user.tab();
    expect(document.activeElement?.textContent).toBe('Retry');
    await user.keyboard('{Enter}');
    await settle();
    expect(engine.jobs.get(one)?.state).toBe('queued');

    rowOf('one.wav').focus();
    await user.keyboard('j');
    await vi.waitFor(() => expect(document.activeElement).toBe(rowOf('two.wav')));
    await user.keyboard('{Delete}');
    const question = screen.getByRole('alertdialog', { name: 'Remove two.wav from the list?' });
    expect(document.activeElement).toBe(within(question).getByRole('button', { name: 'Keep it' }));
    await user.click(within(question).getByRole('button', { name: 'Remove' }));
    await settle();
    expect(engine.jobs.has(two)).toBe(false);

    const [, head] = screen.getAllByRole('row');
    head?.focus();
    await user.keyboard('{ArrowLeft}');
    expect(screen.queryByRole('row', { name: /one\.wav/ })).toBeNull();
    expect(head?.getAttribute('aria-expanded')).toBe('false');
    expect(app.store.getState().folded.size).toBe(1);
  });

  it('reaches everything else in the menu of the row', async () => {
    const { engine, settle, id, user } = await withOne();
    rowOf('Day 5.mp4').focus();
    await user.click(screen.getByRole('button', { name: 'Actions for Day 5.mp4' }));
    const menu = await screen.findByRole('menu', { name: 'Actions for Day 5.mp4' });
    expect(
      within(menu)
        .getAllByRole('menuitem')
        .map((entry) => entry.textContent),
    ).toEqual(['Pause', 'Move to the top', 'Move to the end', 'Cancel', 'History…', 'Remove…']);
    await user.click(within(menu).getByRole('menuitem', { name: 'Cancel' }));
    await settle();
    expect(engine.jobs.get(id)?.state).toBe('canceled');
    expect(rowOf('Day 5.mp4').textContent).toContain('Canceled');
  });
});

describe('the order and the pace', () => {
  it('are changed by keys, which say where a recording is then', async () => {
    const { app, engine, settle, user } = await openWindow();
    dropFiles([recording('one.wav'), recording('two.wav'), recording('three.wav')]);
    await settle();
    const names = (): string[] =>
      [...engine.jobs.values()].sort((a, b) => a.position - b.position).map(({ name }) => name);
    rowOf('three.wav').focus();
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}');
    await settle();
    expect(names()).toEqual(['one.wav', 'three.wav', 'two.wav']);
    expect(app.store.getState().announcement).toBe('three.wav is Queued, second');
    await vi.waitFor(() => expect(document.activeElement).toBe(rowOf('three.wav')));
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    await settle();
    expect(names()).toEqual(['one.wav', 'two.wav', 'three.wav']);

    await user.keyboard('p');
    await settle();
    expect(rowOf('three.wav').textContent).toContain('Waiting: paused by you.');
    await user.click(within(rowOf('three.wav')).getByRole('button', { name: 'Resume' }));
    await settle();
    expect(rowOf('three.wav').textContent).toContain('Queued, third');
  });

  it('are changed by dragging a row within its batch, and not out of it', async () => {
    const { engine, settle } = await openWindow();
    dropFiles([recording('one.wav'), recording('two.wav')]);
    await settle();
    dropFiles([recording('other.wav')]);
    await settle();
    const kept = new Map<string, string>();
    const dataTransfer = {
      get types() {
        return [...kept.keys()];
      },
      setData: (kind: string, text: string) => kept.set(kind, text),
    };
    fireEvent.dragStart(rowOf('one.wav'), { dataTransfer });
    fireEvent.dragOver(rowOf('other.wav'), { dataTransfer, clientY: 5 });
    fireEvent.drop(rowOf('other.wav'), { dataTransfer });
    fireEvent.dragOver(rowOf('two.wav'), { dataTransfer, clientY: 5 });
    fireEvent.drop(rowOf('two.wav'), { dataTransfer });
    await settle();
    const moves = engine.calls.filter(({ name }) => name === 'moveJobs');
    const [one, two] = [...engine.jobs.values()].map(({ id }) => id);
    expect(moves.map(({ params }) => params)).toEqual([{ ids: [one], place: { after: two } }]);
  });

  it('are held and let go, for a batch and for all', async () => {
    const { engineDoes, engine, settle, user } = await withOne();
    await user.click(screen.getByRole('button', { name: 'Pause Day 5.mp4' }));
    await settle();
    expect(screen.getByRole('row', { name: /^Batch/ }).textContent).toContain('paused by you at');
    await user.click(screen.getByRole('button', { name: 'Resume Day 5.mp4' }));
    await settle();
    await user.click(screen.getByRole('button', { name: 'Pause all' }));
    await settle();
    expect(screen.getByRole('banner').textContent).toContain('Paused: 1 left');
    await user.click(screen.getByRole('button', { name: 'Resume' }));
    await settle();
    expect(screen.getByRole('banner').textContent).not.toContain('Paused');
    await engineDoes(() => engine.change([...engine.jobs.keys()][0] ?? '', { state: 'failed' }));
    await user.click(screen.getByRole('button', { name: 'Actions for the batch Day 5.mp4' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Retry failed' }));
    await settle();
    expect(rowOf('Day 5.mp4').textContent).toContain('Queued, first in line');
  });
});
