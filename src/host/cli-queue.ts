// Owns the part of the command line that is about the queue: jobs, batches, order, profiles, watched folders, search, settings.

import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { JobState } from '../contract/job.ts';
import { JOB_STATES, jobStateSchema } from '../contract/job.ts';
import {
  addFolder,
  listFolders,
  listProfiles,
  removeFolder,
  removeProfile,
  saveProfile,
  turnFolder,
} from './commands/intake.ts';
import { listJobs } from './commands/jobs.ts';
import type { ManyCall } from './commands/queue.ts';
import { changeMany, listBatches, moveJobs, pauseOrResume } from './commands/queue.ts';
import { search } from './commands/search.ts';
import { getSettings, setSettings } from './commands/settings.ts';

/** Makes an action of a command: it is given the command's arguments and its options with the global ones. */
export type Act = <Args extends unknown[]>(
  run: (...args: Args) => Promise<number>,
) => (...args: unknown[]) => Promise<void>;

const CHANGE_CODES = '\nExit codes: 0 all that was named was changed, 1 something was refused.';

export function addQueueCommands(program: Command, act: Act): void {
  program
    .command('jobs')
    .description('list the queue')
    .option('--state <list>', `only jobs in these states: ${JOB_STATES.join(', ')}`, states)
    .option('--batch <id>', 'only jobs of this batch')
    .option('--search <text>', 'only jobs with this in their name or path')
    .addOption(
      new Option('--order <order>', 'newest batch first, or in the order in which they are begun').choices([
        'newest',
        'position',
      ]),
    )
    .option('--json', 'print one JSON object a line')
    .action(act(listJobs));
  program
    .command('batches')
    .description('list what was dropped together, and how far it is')
    .option('--json', 'print one JSON object a line')
    .action(act(listBatches));

  const many: readonly [string, ManyCall, string][] = [
    ['cancel', 'cancelJobs', 'cancel jobs'],
    ['retry', 'retryJobs', 'try jobs again; of a batch those that failed'],
    ['remove', 'removeJobs', 'forget jobs that are over, with their transcripts; written files stay'],
  ];
  for (const [name, call, description] of many)
    named(program.command(name).description(description)).action(act(changeMany(call)));
  for (const what of ['pause', 'resume'] as const)
    named(
      program
        .command(what)
        .description(`${what} jobs, a batch, or (nothing named) the whole queue; what is at a worker is finished`),
    ).action(act(pauseOrResume(what)));
  program
    .command('move')
    .description('put jobs elsewhere in the queue')
    .argument('<id...>')
    .option('--top', 'before all others')
    .option('--bottom', 'behind all others')
    .option('--before <id>', 'before this job or batch')
    .option('--after <id>', 'after this job or batch')
    .option('--batches', 'the ids are those of batches')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 moved, 1 nothing was moved.')
    .action(act(moveJobs));

  const profiles = program.command('profiles').description('options under a name');
  profiles
    .command('list')
    .description('list them')
    .option('--json', 'print one JSON object a line')
    .action(act(listProfiles));
  profiles
    .command('save')
    .description('save options under a name, such as: profiles save Hearings language=de diarize=true formats=srt,docx')
    .argument('<name>')
    .argument('<option=value...>')
    .option('--json', 'print JSON')
    .action(act(saveProfile));
  profiles
    .command('remove')
    .description('forget one')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action(act(removeProfile));

  const watch = program.command('watch').description('folders whose recordings are queued by themselves, once each');
  watch
    .command('list')
    .description('list them')
    .option('--json', 'print one JSON object a line')
    .action(act(listFolders));
  watch
    .command('add')
    .description('watch a folder')
    .argument('<folder>')
    .option('--profile <name>', 'options for what is found')
    .option('--no-recursive', 'not the folders in it')
    .option('--only-new', 'not what is in it already')
    .option('--json', 'print JSON')
    .action(act(addFolder));
  for (const [name, enabled] of [
    ['on', true],
    ['off', false],
  ] as const)
    watch
      .command(name)
      .description(enabled ? 'watch it again' : 'leave it alone for now')
      .argument('<id>')
      .option('--json', 'print JSON')
      .action(act(turnFolder(enabled)));
  watch
    .command('remove')
    .description('watch it no more; what was queued from it stays')
    .argument('<id>')
    .option('--json', 'print JSON')
    .action(act(removeFolder));

  program
    .command('search')
    .description(
      'find lines with all these words in all transcripts; tech* is how a word begins, \'"in a row"\' are words in this order; exit code 1 when nothing was found',
    )
    .argument('<words...>')
    .option('--limit <number>', 'hits at most', count, 50)
    .option('--json', 'print one JSON object a line')
    .action(act(search));

  const settings = program.command('settings').description('what is set once for all jobs');
  settings
    .command('get')
    .description('print all settings, or one such as jobDefaults.model')
    .argument('[name]')
    .option('--json', 'settings are always printed as JSON')
    .action(act(getSettings));
  settings
    .command('set')
    .description('save settings, such as: settings set jobDefaults.model=large-v3 workerMode=required')
    .argument('<name=value...>')
    .option('--json', 'print JSON on one line')
    .action(act(setSettings));
}

function named(command: Command): Command {
  return command
    .argument('[id...]')
    .option('--batch <id>', 'the jobs of this batch')
    .option('--all', 'all jobs')
    .option('--state <list>', 'of a batch or of all, those in these states', states)
    .option('--json', 'print JSON')
    .addHelpText('after', CHANGE_CODES);
}

function states(text: string): JobState[] {
  return text.split(',').map((word) => {
    const parsed = jobStateSchema.safeParse(word.trim().toLowerCase());
    if (!parsed.success) throw new InvalidArgumentError(`"${word.trim()}" is none of ${JOB_STATES.join(', ')}.`);
    return parsed.data;
  });
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Give a number from 1.');
  return number;
}
