// Owns the part of the command line that is about workers elsewhere, and the one that looks over everything.

import type { Command } from 'commander';
import type { Act } from './cli-queue.ts';
import { doctor } from './commands/doctor.ts';
import {
  addWorker,
  changeWorker,
  editWorker,
  expectIdentity,
  listWorkers,
  removeWorker,
  testWorker,
} from './commands/workers.ts';

const TOKEN = 'its token (better: in the variable WORKER_TOKEN, where other users do not see it)';

export function addWorkerCommands(program: Command, act: Act): void {
  const workers = program.command('workers').description('workers on other machines');
  const command = (name: string, description: string): Command =>
    workers.command(name).description(description).option('--json', 'print JSON');

  command('list', 'list them; exit code 1 when one does not answer').action(act(listWorkers));
  command('add', 'add one by its address')
    .argument('<url>')
    .option('--name <name>', 'what to call it (default: its host)')
    .option('--token <token>', TOKEN)
    .action(act(addWorker));
  command('edit', 'change one that was added')
    .argument('<id|name>')
    .option('--name <name>', 'what to call it')
    .option('--url <url>', 'its address')
    .option('--token <token>', TOKEN)
    .action(act(editWorker));
  command('remove', 'forget one that was added').argument('<id|name>').action(act(removeWorker));
  command('test', 'ask an address without saving anything; exit code 1 when a check fails')
    .argument('<url>')
    .option('--token <token>', TOKEN)
    .action(act(testWorker));
  command('check', 'ask it again, after it refused the token')
    .argument('<id|name>')
    .action(act(changeWorker('checkWorker')));
  command('drain', 'give it no new jobs; those that it has are finished')
    .argument('<id|name>')
    .action(act(changeWorker('drainWorker')));
  command('undrain', 'give it jobs again')
    .argument('<id|name>')
    .action(act(changeWorker('undrainWorker')));
  command('adopt', 'expect of it what it reports now')
    .argument('<id|name>')
    .action(act(changeWorker('adoptIdentity')));
  command('expect', 'expect what push_worker.sh printed, read from standard input; of all, if none is named')
    .argument('[id|name]')
    .action(act(expectIdentity));

  program
    .command('doctor')
    .description('look over everything that may be wrong, and say what to do')
    .option('--bundle [file]', 'write a report that is safe to send: no secrets, names or transcripts')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit codes: 0 nothing failed, 1 something did, 2 the engine cannot be started.')
    .action(act(doctor));
}
