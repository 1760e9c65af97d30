import { fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { transcriptScene } from '../../design/transcript-scene.ts';
import { openTranscript } from '../../state/store.ts';
import { type OpenWindow, openWindow, soundTime, withLayout } from '../window.cases.tsx';

withLayout();

async function opened(): Promise<
  OpenWindow & { id: string; line(text: string | RegExp): HTMLElement; texts(): string[] }
> {
  const window = await openWindow();
  const { jobs } = await window.app.client.call('addJobs', { paths: ['/Day 4, morning session.mp4'] });
  const id = jobs[0]?.id ?? '';
  transcriptScene(window.engine, id);
  await window.engineDoes(() => openTranscript(window.app.store, id));
  await window.settle();
  const lines = (): HTMLElement[] => [
    ...screen.getByRole('group', { name: 'Lines' }).querySelectorAll<HTMLElement>('[data-key]'),
  ];
  return {
    ...window,
    id,
    texts: () => lines().map((line) => line.querySelector('p')?.textContent ?? ''),
    line(text) {
      const found = lines().find((line) => line.querySelector('p')?.textContent?.match(text) !== null);
      if (found === undefined) throw new Error(`There is no line ${text}.`);
      return found;
    },
  };
}
const word = (line: HTMLElement, text: string): HTMLElement => within(line).getByText(text);

describe('a recording that was transcribed again', () => {
  it('says how many corrections were taken over, and lists those that have no place', async () => {
    const window = await openWindow();
    const { jobs } = await window.app.client.call('addJobs', { paths: ['/Day 4, morning session.mp4'] });
    const id = jobs[0]?.id ?? '';
    transcriptScene(window.engine, id);
    window.engine.carried.set(id, {
      from: { jobId: 'job_1', name: 'Day 4', finishedAt: 0 },
      placed: 3,
      left: [{ what: 'text', start: 65, end: 66, text: 'Methil', original: 'Met Hill' }],
    });
    await window.engineDoes(() => openTranscript(window.app.store, id));
    await window.settle();
    const line = screen.getByText('3 corrections of the earlier transcript taken over, 1 could not be placed.');
    await window.user.click(within(line.parentElement as HTMLElement).getByRole('button', { name: 'Show' }));
    await window.settle();
    const about = screen.getByRole('tabpanel', { name: 'About' });
    expect(about.textContent).toContain('1:05 “Met Hill” → “Methil”');
    expect(screen.queryByText(/taken over, 1 could not/)).toBeNull();
  });
});

describe('the export', () => {
  it('says which file was kept because it was changed, and where the new one is', async () => {
    const { engine, user, settle, id } = await opened();
    const write = async (): Promise<string | null> => {
      await user.click(screen.getByRole('button', { name: 'Write beside the recording' }));
      await settle();
      return screen.getByRole('status').textContent;
    };
    await user.click(screen.getByRole('button', { name: 'Export…' }));
    await settle();
    const path = '/recordings/Day 4, morning session.mp4.srt';
    expect(await write()).toBe(`Written: ${path}`);
    engine.changedFiles.add(path);
    expect(await write()).toBe(
      `${path} was changed since it was written and was kept. The new one is /recordings/Day 4, morning session.mp4 (2).srt.`,
    );
    const job = engine.jobs.get(id);
    if (job === undefined) throw new Error('The job is gone.');
    engine.change(id, { options: { ...job.options, conflict: 'skip' } });
    expect(await write()).toBe(
      `${path} was changed since it was written and was kept. Nothing new was written: existing files are skipped.`,
    );
  });
});

describe('the transcript screen', () => {
  it('is read: lines with times and speakers, a loop set aside, doubtful words marked', async () => {
    const { line } = await opened();
    expect(line(/^Good morning/).textContent).toContain('0:04');
    expect(line(/^Good morning/).textContent).toContain('Speaker 1');
    expect(screen.getByText(/“Thank you.” 14 times in \d+ s/)).toBeTruthy();
    expect(word(line(/smaller boat/), 'Methil').className).toContain('low');
    expect(screen.queryAllByText('Thank you.')).toHaveLength(0);
  });

  it('says of a speaker that is a guess that it is one, until the line is marked as right', async () => {
    const { line, user, settle } = await opened();
    const button = () => within(line(/nobody told the harbour/)).getByRole('button', { name: /^Speaker: / });
    expect(button().getAttribute('aria-label')).toBe('Speaker: Speaker 3, uncertain');
    fireEvent.click(word(line(/nobody told/), 'nobody'), { detail: 1 });
    await user.keyboard('{Control>}.{/Control}');
    await settle();
    expect(button().getAttribute('aria-label')).toBe('Speaker: Speaker 3');
  });

  it('plays from a word that is pressed, and marks the word that is said', async () => {
    const { line, app } = await opened();
    fireEvent.click(word(line(/^I was/), 'six'), { detail: 1 });
    expect(app.store.getState().player.playing).toBe(true);
    const start = app.tools.player.now();
    expect(start).toBeGreaterThan(17);
    expect(word(line(/^I was/), 'six').hasAttribute('data-now')).toBe(true);
    soundTime.ms += 500;
    app.tools.player.skip(0);
    expect(word(line(/^I was/), 'six').hasAttribute('data-now')).toBe(false);
    expect(screen.getByRole('group', { name: 'Lines' }).querySelectorAll('[data-now]')).toHaveLength(1);
    fireEvent.keyDown(document.body, { key: ' ', code: 'Space' });
    expect(app.store.getState().player.playing).toBe(false);
  });

  it('is written in its place: Enter keeps, Esc gives up, undo takes back, and the machine’s words stay to be seen', async () => {
    const { line, user, settle, texts, app } = await opened();
    fireEvent.doubleClick(word(line(/tap forty/), 'tap'));
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Text of the line at 0:36' });
    expect(field.value.slice(field.selectionStart)).toBe('tap forty.');
    fireEvent.change(field, { target: { value: field.value.replace('tap forty', 'tab fourteen') } });
    await user.keyboard('{Enter}');
    await settle();
    expect(line(/tab fourteen/).textContent).toContain('Machine: tap forty.');
    expect(screen.queryByRole('textbox', { name: /Text of the line/ })).toBeNull();
    await user.keyboard('{Control>}z{/Control}');
    await settle();
    expect(texts().some((text) => text.includes('tap forty'))).toBe(true);

    await user.keyboard('{Enter}');
    await user.keyboard('nonsense{Escape}');
    expect(texts().join()).not.toContain('nonsense');
    expect(app.store.getState().transcript).toMatchObject({ revision: 2 });
  });

  it('is cut at the caret and joined with the line above', async () => {
    const { line, user, settle, texts } = await opened();
    fireEvent.doubleClick(word(line(/^Then we had/), 'Mr'));
    await user.keyboard('{Control>}{Enter}{/Control}');
    await settle();
    expect(texts()).toContain('Mr Devlin, please go on.');
    fireEvent.click(word(line(/^Mr Devlin, please/), 'please'));
    await user.keyboard('{Control>}{Backspace}{/Control}');
    await settle();
    expect(texts()).toContain('Then we had better find it before lunch. Mr Devlin, please go on.');
  });

  it('has speakers by key, and their names everywhere, for one line, and back', async () => {
    const { line, user, settle } = await opened();
    fireEvent.click(word(line(/^Captain Reid, you were/), 'aboard'));
    await user.keyboard('3');
    await settle();
    expect(line(/^Captain Reid, you were/).textContent).toContain('Speaker 3');
    await user.keyboard('s');
    await settle();
    const dialog = screen.getByRole('dialog', { name: 'Rename speaker' });
    await user.type(within(dialog).getByRole('combobox', { name: 'Name' }), 'Mr Devlin KC');
    await user.click(within(dialog).getByRole('button', { name: 'Rename' }));
    await settle();
    expect(line(/^May I ask/).textContent).toContain('Mr Devlin KC');
    await user.keyboard('{Control>}z{/Control}');
    await settle();
    expect(line(/^May I ask/).textContent).toContain('Speaker 3');
  });

  it('is stepped through by what is doubtful; what is marked as right is doubted no more', async () => {
    const { user, settle, app } = await opened();
    await user.keyboard('{Alt>}{ArrowRight}{/Alt}');
    expect(screen.getByText('Methil', { selector: '.here' })).toBeTruthy();
    expect(screen.getByText(/^1 of \d/)).toBeTruthy();
    const before = app.tools.reading.doubts(app.store.getState()).length;
    await user.keyboard('{Control>}.{/Control}');
    await settle();
    expect(app.tools.reading.doubts(app.store.getState())).toHaveLength(before - 1);
    await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
    expect(app.store.getState().editor.current).not.toBe('2');
  });

  it('offers to correct the same word everywhere', async () => {
    const { line, user, settle, texts } = await opened();
    fireEvent.doubleClick(word(line(/smaller boat/), 'Methil'));
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: /Text of the line/ });
    fireEvent.change(field, { target: { value: field.value.replace('Methil', 'Leith') } });
    await user.keyboard('{Enter}');
    await settle();
    await user.click(screen.getByRole('button', { name: 'Change all 2 to “Leith”' }));
    await settle();
    expect(texts().filter((text) => text.includes('Methil'))).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    await settle();
    expect(texts().filter((text) => text.includes('Methil'))).toHaveLength(2);
  });

  it('is searched, and replaced after a look at each place', async () => {
    const { user, settle, texts } = await opened();
    await user.keyboard('{Control>}{Shift>}f{/Shift}{/Control}');
    await user.type(screen.getByRole('textbox', { name: 'Find in this transcript' }), 'methil');
    expect(screen.getByText('3 found')).toBeTruthy();
    await user.keyboard('{Enter}');
    expect(screen.getByText('1 of 3')).toBeTruthy();
    await user.type(screen.getByRole('textbox', { name: 'Replace with' }), 'Leith');
    await user.click(screen.getByRole('button', { name: 'Replace all…' }));
    const dialog = screen.getByRole('dialog', { name: 'Replace in 3 places' });
    const [first] = within(dialog).getAllByRole('checkbox');
    if (first !== undefined) await user.click(first);
    await user.click(within(dialog).getByRole('button', { name: 'Replace 2' }));
    await settle();
    expect(texts().filter((text) => text.includes('Leith'))).toHaveLength(2);
    expect(texts().filter((text) => text.includes('Methil'))).toHaveLength(1);
  });

  it('lets a person decide about a loop, and brings back what was deleted', async () => {
    const { user, settle, texts, line } = await opened();
    await user.click(screen.getByRole('button', { name: 'Show the text' }));
    expect(texts().filter((text) => text === 'Thank you.')).toHaveLength(14);
    fireEvent.click(word(line(/^May I ask/), 'order?'));
    await user.keyboard('{Backspace}');
    await settle();
    expect(texts().join()).not.toContain('May I ask');
    await user.click(screen.getByRole('button', { name: 'Restore' }));
    await settle();
    expect(texts().join()).toContain('May I ask');
  });

  it('keeps a line that was being written when the screen is left, and one that a reload cut off', async () => {
    const { id, line, engineDoes, app, settle } = await opened();
    fireEvent.doubleClick(word(line(/tap forty/), 'tap'));
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: /Text of the line/ });
    fireEvent.change(field, { target: { value: 'Tab fourteen.' } });
    const cutOff = localStorage.getItem('bulk-transcribe-draft') ?? '';
    await engineDoes(() => app.store.setState({ screen: { name: 'queue' } }));
    await settle();
    const { segments } = await app.client.call('getTranscript', { id });
    expect(segments[5]?.text.trim()).toBe('Tab fourteen.');
    expect(localStorage.getItem('bulk-transcribe-draft')).toBeNull();

    localStorage.setItem('bulk-transcribe-draft', cutOff.replace('fourteen', 'fifteen'));
    await engineDoes(() => openTranscript(app.store, id));
    await settle();
    expect(screen.getByRole('alert').textContent).toContain('Not saved: Tab fifteen.');
    fireEvent.click(screen.getByRole('button', { name: 'Use mine' }));
    await settle();
    expect(line(/^Tab fifteen/)).toBeTruthy();
  });

  it('has its keys on ?, and takes other ones', async () => {
    const { user, app } = await opened();
    await user.keyboard('?');
    const dialog = screen.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await user.click(within(dialog).getByRole('button', { name: /^Change the keys of: Follow playback/ }));
    await user.keyboard('l');
    expect(dialog.textContent).toContain('That is already “Loop the line or what is selected”.');
    await user.keyboard('g');
    expect(app.store.getState().editor.keymap.follow).toEqual(['g']);
    await user.click(within(dialog).getByRole('button', { name: 'Close' }));
    await user.keyboard('g');
    expect(app.store.getState().editor.follow).toBe(false);
    expect(localStorage.getItem('bulk-transcribe-transcript')).toContain('"follow":["g"]');
  });

  it('says that the recording is gone, and can be corrected all the same', async () => {
    const { id, engine, app, settle, engineDoes } = await opened();
    await engineDoes(() => app.store.setState({ screen: { name: 'queue' } }));
    engine.recordings.clear();
    await engineDoes(() => openTranscript(app.store, id));
    await settle();
    expect(screen.getByText(/The recording has moved/)).toBeTruthy();
    expect(screen.getByRole('group', { name: 'Lines' })).toBeTruthy();
  });

  it('plays at once from the place that a search found', async () => {
    const { id, app, engineDoes, settle } = await opened();
    await engineDoes(() => app.store.setState({ screen: { name: 'queue' } }));
    await engineDoes(() => openTranscript(app.store, id, 'search', 85));
    await settle();
    expect(app.store.getState()).toMatchObject({ player: { playing: true }, editor: { current: '10' }, openAt: null });
    expect(app.tools.player.now()).toBeGreaterThanOrEqual(85);
  });
});
