import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openWindow, recording, rowOf, transferOf, withLayout, withOne } from './window.cases.tsx';

withLayout();

describe('a recording with a person on each channel', () => {
  const media = { container: 'WAVE', tracks: [], track: 1, startSec: 0, distinctChannels: true, truncated: false };
  const sentence = 'A different person speaks on each channel of this recording.';

  it('is offered a speaker per channel at its row, which one click takes', async () => {
    const { engine, engineDoes, settle, user, id } = await withOne();
    const options = { ...(engine.jobs.get(id)?.options ?? engine.view.settings.jobDefaults) };
    await engineDoes(() => engine.change(id, { media, options }));
    // Nobody asked for speakers.
    expect(screen.getByRole('main').textContent).not.toContain(sentence);
    await engineDoes(() => engine.change(id, { options: { ...options, diarize: true } }));
    expect(rowOf('Day 5.mp4').textContent).toContain(sentence);
    await user.click(screen.getByRole('button', { name: 'One speaker per channel' }));
    await settle();
    expect(engine.jobs.get(id)?.options).toMatchObject({ channels: 'separate', diarize: false });
    expect(screen.getByRole('main').textContent).not.toContain(sentence);
  });

  it('is looked into where no worker can tell voices apart', async () => {
    const { engine, engineDoes, user, settle, id } = await withOne();
    const options = { ...engine.view.settings.jobDefaults, diarize: true };
    const path = engine.jobs.get(id)?.sourcePath ?? '';
    engine.probed.set(path, { sizeBytes: 9, contentType: 'audio/wav', durationSec: 3, media });
    const waiting = { reason: 'worker_lacks' as const, since: 0, until: null, message: '' };
    await engineDoes(() => engine.change(id, { options, state: 'waiting', waiting }));
    await user.click(rowOf('Day 5.mp4'));
    await settle();
    expect(rowOf('Day 5.mp4').textContent).toContain(sentence);
    await user.click(screen.getByRole('button', { name: 'One speaker per channel' }));
    await settle();
    expect(engine.jobs.get(id)?.options).toMatchObject({ channels: 'separate', diarize: false });
  });

  it('is offered nothing any more when it is done', async () => {
    const { engine, engineDoes, id } = await withOne();
    const options = { ...engine.view.settings.jobDefaults, diarize: true };
    await engineDoes(() => engine.change(id, { media, options, state: 'complete', hasTranscript: true }));
    expect(screen.getByRole('main').textContent).not.toContain(sentence);
  });

  it('is offered it in the sheet of options, as long as speakers are asked for', async () => {
    const { app, engine, engineDoes, settle, user } = await withOne();
    engine.probed.set('/calls/a.wav', { sizeBytes: 9, contentType: 'audio/wav', durationSec: 3, media });
    const groups = [{ name: null, paths: ['/calls/a.wav'], files: [] }];
    await engineDoes(() => app.store.setState({ dialog: { kind: 'options', groups } }));
    const sheet = screen.getByRole('dialog', { name: 'Options for 1 item' });
    expect(sheet.textContent).not.toContain(sentence);
    await user.click(within(sheet).getByRole('switch', { name: /^Label speakers/ }));
    expect(sheet.textContent).toContain(sentence);
    await user.click(within(sheet).getByRole('button', { name: 'One speaker per channel' }));
    expect(sheet.textContent).not.toContain(sentence);
    await user.click(within(sheet).getByRole('button', { name: 'Add recordings' }));
    await settle();
    expect(engine.view.settings.jobDefaults).toMatchObject({ channels: 'separate', diarize: false });
  });
});

describe('options', () => {
  it('are chosen before a drop with Alt, used for later ones, and saved as a profile', async () => {
    const { engine, settle, user } = await withOne();
    fireEvent(document.body, dropWithAlt(recording('next.wav')));
    await settle();
    const sheet = screen.getByRole('dialog', { name: 'Options for 1 item' });
    const vocabulary = within(sheet).getByRole('textbox', { name: 'Vocabulary' });
    await user.type(vocabulary, 'Leith, Methil');
    const name = within(sheet).getByRole('textbox', { name: 'Save as a profile' });
    await user.type(name, 'Interviews{Enter}');
    await settle();
    expect([...engine.profiles.values()]).toMatchObject([
      { name: 'Interviews', options: { hotwords: 'Leith, Methil' } },
    ]);
    expect(engine.jobs.size).toBe(1);
    await user.click(within(sheet).getByRole('button', { name: 'Add recordings' }));
    await settle();
    expect(engine.view.settings.jobDefaults.hotwords).toBe('Leith, Methil');
    expect(rowOf('next.wav')).toBeTruthy();
    expect(screen.getByRole('main').textContent).toContain('New recordings: Interviews');
  });

  it('are asked for by paths that are pasted, too, but not inside of a field', async () => {
    const { engine, settle } = await openWindow();
    const clipboardData = { files: [], getData: () => '/media/a.wav\n"/media/b c.wav"\n' };
    fireEvent.paste(document.body, { clipboardData });
    await settle();
    expect([...engine.jobs.values()].map(({ sourcePath }) => sourcePath)).toEqual(['/media/a.wav', '/media/b c.wav']);
    fireEvent.paste(screen.getByRole('searchbox', { name: 'Filter by name' }), { clipboardData });
    fireEvent.paste(document.body, { clipboardData: { files: [], getData: () => 'some words' } });
    await settle();
    expect(engine.jobs.size).toBe(2);
  });
});

function dropWithAlt(file: File): Event {
  const event = new MouseEvent('drop', { altKey: true, bubbles: true, cancelable: true });
  return Object.assign(event, { dataTransfer: transferOf([file]) });
}
