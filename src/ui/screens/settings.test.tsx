import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../contract/settings.ts';
import { GPU_CAPABILITIES } from '../client/memory-samples.ts';
import { readPreferences } from '../state/preferences.ts';
import { openWindow, withLayout } from './window.cases.tsx';

withLayout();

describe('settings', () => {
  it('are kept when a field is left, and shown for the next drop', async () => {
    const { engine, settle, user } = await openWindow((memory) =>
      memory.worker('lab', { health: 'ok', capabilities: GPU_CAPABILITIES }),
    );
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    const model = screen.getByRole('combobox', { name: 'Model' });
    expect(screen.getByText('Available on workers: large-v3, medium')).toBeTruthy();
    await user.clear(model);
    await user.type(model, 'large-v3{Enter}');
    await user.click(screen.getByRole('switch', { name: 'Label speakers' }));
    await settle();
    await user.type(screen.getByRole('textbox', { name: 'At least' }), '2{Enter}');
    await settle();
    await user.click(screen.getByRole('checkbox', { name: 'VTT' }));
    await settle();
    expect(engine.view.settings.jobDefaults).toMatchObject({
      ...{ model: 'large-v3', diarize: true, speakers: { min: 2, max: 64 }, formats: ['srt', 'vtt', 'json'] },
    });
    await user.click(screen.getByRole('button', { name: 'Queue' }));
    expect(screen.getByRole('main').textContent).toContain('large-v3, language detected automatically, 2–64 speakers');
  });

  it('keep at least one format', async () => {
    const { user } = await openWindow((memory) => {
      const jobDefaults = { ...DEFAULT_SETTINGS.jobDefaults, formats: ['srt' as const] };
      memory.view = { settings: { ...DEFAULT_SETTINGS, jobDefaults }, fromEnvironment: [] };
    });
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    expect(screen.getByRole('checkbox', { name: 'SRT' }).hasAttribute('disabled')).toBe(true);
  });

  it('that the environment holds are shown and cannot be changed', async () => {
    const { user } = await openWindow((memory) => {
      memory.view = {
        ...memory.view,
        fromEnvironment: ['workerMode', 'jobDefaults.model', 'expectedIdentity.gitCommit'],
      };
    });
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    expect(screen.getByLabelText('Model').hasAttribute('disabled')).toBe(true);
    expect(screen.getByLabelText('Commit').hasAttribute('disabled')).toBe(true);
    expect(screen.getByLabelText('Image digest').hasAttribute('disabled')).toBe(false);
    expect(screen.getAllByText('Set by the environment')).toHaveLength(3);
  });

  it('refuse what makes no sense before the engine is asked', async () => {
    const { engine, user } = await openWindow();
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    const timeout = screen.getByRole('textbox', { name: 'Give up after' });
    await user.clear(timeout);
    await user.type(timeout, '5{Enter}');
    expect(screen.getByText('From 60 seconds to 7 days.')).toBeTruthy();
    expect(engine.calls.some(({ name }) => name === 'putSettings')).toBe(false);
  });

  it('remember the theme', async () => {
    const { user } = await openWindow();
    await user.click(screen.getByRole('button', { name: 'Settings' }));
    await user.click(screen.getByRole('button', { name: /Theme/ }));
    await user.click(within(screen.getByRole('listbox')).getByRole('option', { name: 'Dark' }));
    expect(document.documentElement.dataset['theme']).toBe('dark');
    expect(readPreferences().theme).toBe('dark');
  });
});

describe('the connection', () => {
  it('is said when it is lost and blocks nothing', async () => {
    const { engine, engineDoes } = await openWindow();
    await engineDoes(() => engine.connect('lost'));
    expect(screen.getByRole('alert').textContent).toContain('The engine is not answering.Nothing is lost');
    await engineDoes(() => engine.connect('open'));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('asks for a token where it was refused', async () => {
    const { engine, engineDoes } = await openWindow();
    sessionStorage.setItem('bulk-transcribe-token', 'old');
    await engineDoes(() => engine.connect('unauthorized'));
    expect(screen.getByRole('heading', { name: 'Open Bulk Transcribe from its own address' })).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('The engine refused this token.');
    expect(sessionStorage.getItem('bulk-transcribe-token')).toBeNull();
  });
});
