// Owns the command line: which commands there are and what each takes. Each does its work in commands/.

import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { config } from 'dotenv';
import { explain, toAppError } from '../contract/errors.ts';
import { CUE_LAYOUTS, SRT_SPEAKERS } from '../contract/export-options.ts';
import { CHANNEL_RULES, CONFLICT_RULES, EXPORT_FORMATS, exportFormatSchema, SEND_RULES } from '../contract/options.ts';
import { changeJob, exportJob, listJobs } from './commands/jobs.ts';
import { showRuntime } from './commands/runtime.ts';
import { serve } from './commands/serve.ts';
import { transcribe } from './commands/transcribe.ts';
import { localWorker } from './commands/worker.ts';
import { appVersion } from './compose.ts';
import { defaultDataDir } from './data-dir.ts';
import { DEFAULT_PORT } from './http-server.ts';

if (existsSync('.env')) config({ quiet: true });

const program = new Command('bulk-transcribe')
  .description('Turns recordings into transcripts, on a GPU that you rent or on this computer.')
  .version(appVersion())
  .addOption(
    new Option('--data-dir <dir>', 'where the queue, the transcripts and the secrets lie').default(
      defaultDataDir(process.env),
    ),
  )
  .showHelpAfterError();

program
  .command('transcribe')
  .description('queue recordings, show how far they are, wait, and write their transcripts')
  .argument('<file|dir...>', 'recordings, or folders of them')
  .option('--out <dir>', 'folder for the transcripts (default: beside each recording)')
  .option('--formats <list>', `comma-separated: ${EXPORT_FORMATS.join(', ')}`, formats)
  .option('--model <name>', 'model, by its exact name')
  .option('--language <code>', 'language of the recordings, such as en (default: found by the model)')
  .option('--diarize', 'tell the speakers apart')
  .option('--speakers <n|min-max>', 'how many speakers there are', speakers)
  .option('--prompt <text>', 'words and names to expect')
  .addOption(
    new Option('--existing <rule>', 'what to do with a file that is already there').choices([...CONFLICT_RULES]),
  )
  .option('--name-template <text>', 'names of the files, such as "{batch}/{date} {name}"')
  .addOption(new Option('--layout <preset>', 'how subtitles are cut').choices([...CUE_LAYOUTS]))
  .addOption(new Option('--speaker-style <style>', 'where SRT says who speaks').choices([...SRT_SPEAKERS]))
  .option('--vtt-words', 'in VTT a time before every word')
  .option('--tsv-speaker', 'in TSV a column for the speaker')
  .option('--bom', 'a byte-order mark before the text, for programs that want one')
  .addOption(new Option('--track <number>', 'number of the audio track').argParser(Number))
  .addOption(new Option('--channels <rule>', 'channels together, or each as a speaker').choices([...CHANNEL_RULES]))
  .addOption(new Option('--send <rule>', 'what is sent to a worker').choices([...SEND_RULES]))
  .option('--json', 'print one JSON object a line instead of progress')
  .action(act(transcribe));

program
  .command('serve')
  .description('run the engine and show the app in the browser')
  .option('--port <port>', 'port on 127.0.0.1; 0 takes any free one', port, DEFAULT_PORT)
  .option('--no-open', 'do not open the browser')
  .action(act(serve));

program
  .command('jobs')
  .description('list the queue')
  .option('--state <state>', 'only jobs in this state')
  .option('--json', 'print JSON')
  .action(act(listJobs));
program
  .command('cancel')
  .description('cancel a job')
  .argument('<id>')
  .option('--json', 'print JSON')
  .action(act(changeJob('cancelJob')));
program
  .command('retry')
  .description('try a job again')
  .argument('<id>')
  .option('--json', 'print JSON')
  .action(act(changeJob('retryJob')));
program
  .command('export')
  .description('print the transcript of a job in a format; no worker is needed')
  .argument('<id>')
  .addOption(new Option('--format <format>', 'format').choices([...EXPORT_FORMATS]).default('srt'))
  .option('--out <file>', 'write to a file instead')
  .action(act(exportJob));
program.command('runtime').description('print what GET /api/runtime answers').action(act(showRuntime));

const worker = program.command('worker').description('the worker on this computer');
worker
  .command('install')
  .description('set up its Python environment')
  .action(act(localWorker('install')));
worker
  .command('start')
  .description('start it and leave it running')
  .action(act(localWorker('start')));
worker
  .command('stop')
  .description('end it')
  .action(act(localWorker('stop')));

await program.parseAsync();

/** Runs a command with the global options added; a refusal is printed as what happened, what was lost, what to do. */
function act<Args extends unknown[]>(run: (...args: Args) => Promise<number>): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const command = args.pop();
    const options = args.pop();
    const globals = command instanceof Command ? command.optsWithGlobals() : {};
    try {
      // Commander hands over what the command declared, in its order; the command's own parameters say the same.
      process.exitCode = await run(
        ...([...args, { ...globals, ...(typeof options === 'object' ? options : {}) }] as Args),
      );
    } catch (thrown) {
      const { what, lost, todo } = explain(toAppError(thrown).report());
      process.stderr.write(`${what}\n${lost} ${todo}\n`);
      process.exitCode = 1;
    }
  };
}

function formats(list: string): string[] {
  return list.split(',').map((name) => {
    const parsed = exportFormatSchema.safeParse(name.trim().toLowerCase());
    if (!parsed.success) throw new InvalidArgumentError(`"${name}" is none of ${EXPORT_FORMATS.join(', ')}.`);
    return parsed.data;
  });
}

function speakers(text: string): { min: number; max: number } {
  const match = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(text);
  const min = Number(match?.[1]);
  const max = Number(match?.[2] ?? match?.[1]);
  if (match === null || min < 1 || max < min)
    throw new InvalidArgumentError('Give a number such as 2, or a range such as 2-4.');
  return { min, max };
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return number;
}
