import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { commandLine } from '../../src/host/command-line.ts';

it('docs/command-line.md is that of the commands', () => {
  const script = fileURLToPath(new URL('../../scripts/command-docs.mjs', import.meta.url));
  const checked = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(checked.stderr).toBe('');
  expect(checked.status).toBe(0);
});

it('every command can print JSON', () => {
  const ends = (command: Command): readonly Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(ends);
  const commands = ends(commandLine());
  expect(commands.length).toBeGreaterThan(40);
  expect(
    commands.filter(({ options }) => !options.some(({ long }) => long === '--json')).map((each) => each.name()),
  ).toEqual([]);
});
