// Owns the command line: which commands there are and what each takes. Each does its work in commands/.

import { Command, InvalidArgumentError, Option } from 'commander';
import { explain, toAppError } from '../contract/errors.ts';
import { CUE_LAYOUTS, SRT_SPEAKERS } from '../contract/export-options.ts';
import {
  CHANNEL_RULES,
  CONFLICT_RULES,
  EXPORT_FORMATS,
  exportFormatSchema,
  SEND_RULES,
  WHEN_DONE_RULES,
} from '../contract/options.ts';
import { addQueueCommands } from './cli-queue.ts';
import { addWorkerCommands } from './cli-workers.ts';
import { importTranscript } from './commands/import.ts';
import { exportJob } from './commands/jobs.ts';
import { changePod, listPods, podLog, podPrices, podSecret, podSpending, runPods, startPod } from './commands/pods.ts';
import { showRuntime } from './commands/runtime.ts';
import { serve } from './commands/serve.ts';
import { printableLines } from './commands/terminal-text.ts';
import { transcribe } from './commands/transcribe.ts';
import { localWorker } from './commands/worker.ts';
import { writeFiles } from './commands/write.ts';
import { appVersion } from './compose.ts';
import { defaultDataDir } from './data-dir.ts';
import { DEFAULT_PORT } from './http-server.ts';

const GENERAL_CODES =
  '\nExit codes: 0 done, 1 refused or failed, or typed wrongly. Where a command has others, its own --help names them. With --json a refusal is one JSON object on standard error.';

/** All commands; the caller has it parsed what was typed. */
export function commandLine(): Command {
  const program = new Command('bulk-transcribe')
    .description('Turns recordings into transcripts, on a GPU that you rent or on this computer.')
    .version(appVersion())
    .addOption(
      new Option('--data-dir <dir>', 'where the queue, the transcripts and the secrets lie').default(
        defaultDataDir(process.env),
      ),
    )
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('afterAll', ({ command }) => (command.parent === null ? GENERAL_CODES : ''))
    .showHelpAfterError();

  const transcription = program
    .command('transcribe')
    .description('queue recordings, show how far they are, wait, and write their transcripts')
    .argument('<file|dir...>', 'recordings, or folders of them')
    .option('--out <dir>', 'folder for the transcripts (default: beside each recording)')
    .option('--formats <list>', `comma-separated: ${EXPORT_FORMATS.join(', ')}`, formats)
    .option('--model <name>', 'model, by its exact name')
    .option('--language <code>', 'language of the recordings, such as en (default: found by the model)')
    .option('--diarize', 'tell the speakers apart')
    .option('--diarize-optional', 'the same, but do without where no worker can, and say so in the transcript')
    .option('--speakers <n|min-max>', 'how many speakers there are', speakers)
    .option('--prompt <text>', 'words and names to expect')
    .addOption(
      new Option('--existing <rule>', 'what to do with a file that is already there').choices([...CONFLICT_RULES]),
    )
    .option('--name-template <text>', 'names of the files, such as "{batch}/{date} {name}"');
  styled(transcription)
    .addOption(new Option('--track <number>', 'number of the audio track').argParser(whole))
    .addOption(new Option('--channels <rule>', 'channels together, or each as a speaker').choices([...CHANNEL_RULES]))
    .addOption(new Option('--send <rule>', 'what is sent to a worker').choices([...SEND_RULES]))
    .addOption(
      new Option(
        '--when-done <rule>',
        'what to do with a recording that was transcribed before with the same options',
      ).choices([...WHEN_DONE_RULES]),
    )
    .option('--profile <name>', 'options that were saved under a name; those given here are laid over them')
    .option('--json', 'print one JSON object a line instead of progress')
    .addHelpText(
      'after',
      '\nExit codes: 0 every file was written, 1 something was not, 3 no worker can do what was asked for (it stays in the queue), 4 the app that it watched went away and was not back in 10 minutes (all stays in the queue), 130 stopped.',
    )
    .action(act(transcribe));

  program
    .command('serve')
    .description('run the engine and show the app in the browser')
    .option('--port <port>', 'port on 127.0.0.1; 0 takes any free one', port, DEFAULT_PORT)
    .option('--no-open', 'do not open the browser')
    .option('--json', 'print its address as JSON')
    .addHelpText('after', '\nExit codes: 0 ended by Ctrl+C or a signal, or it runs already; 1 it could not start.')
    .action(act(serve));

  addQueueCommands(program, act);
  const exporting = program
    .command('export')
    .description('print the transcript of a job in a format; no worker is needed')
    .argument('<id>')
    .addOption(new Option('--format <format>', 'format').choices([...EXPORT_FORMATS]).default('srt'))
    .option('--out <file>', 'write to a file instead, in place of one that is there');
  styled(exporting).option('--json', 'print JSON: the text, or with --out the file').action(act(exportJob));
  const writing = program
    .command('write')
    .description(
      'write the files of finished jobs anew, with all corrections, also in other formats or another layout, in place of those that were written before; one that was changed since counts as any other file that is there, and is kept unless the job replaces those; no worker is needed',
    )
    .argument('[id...]')
    .option('--batch <id>', 'the jobs of this batch')
    .option('--all', 'all jobs')
    .option('--out <dir>', 'folder for the files (default: where they were written)')
    .option('--formats <list>', `comma-separated: ${EXPORT_FORMATS.join(', ')} (default: those of the job)`, formats);
  styled(writing)
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', '\nExit codes: 0 every file was written, 1 something was not.')
    .action(act(writeFiles));
  program
    .command('import')
    .description(
      'take in a transcript of another program: JSON of Whisper, whisper.cpp, WhisperX, OpenAI and others, SRT, WebVTT',
    )
    .argument('<file>')
    .option('--recording <file>', 'the recording that it is of')
    .option('--json', 'print JSON')
    .action(act(importTranscript));
  program
    .command('runtime')
    .description('print what GET /api/runtime answers, which is JSON')
    .option('--json', 'print it on one line')
    .action(act(showRuntime));

  const worker = program.command('worker').description('the worker on this computer');
  for (const [name, what, ...options] of [
    [
      'install',
      'set up its Python environment',
      new Option('--diarization', 'add what tells speakers apart: torch and pyannote.audio, 1 GB and more'),
    ],
    ['start', 'start it and leave it running'],
    ['stop', 'end it'],
  ] as const) {
    const command = worker.command(name).description(what);
    for (const option of options) command.addOption(option);
    command.option('--json', 'print one JSON object a line').action(act(localWorker(name)));
  }

  const pods = program
    .command('pods')
    .description('GPUs that are rented by the second; exit code 1: refused or failed');
  const gpu = new Option('--gpu <id...>', 'GPUs to ask for, in this order, by the ids that "pods prices" prints');
  const cloud = new Option('--cloud <cloud>', 'secure or community');
  pods
    .command('list')
    .description('ask what is rented and what it costs; exit code 3: some pods are not known here')
    .option('--json', 'print JSON')
    .action(act(listPods));
  pods
    .command('prices')
    .description('GPUs on offer, with what the queue would cost on each')
    .addOption(cloud)
    .option('--json', 'print JSON')
    .action(act(podPrices));
  pods
    .command('start')
    .description('rent one, and wait until its worker answers')
    .addOption(gpu)
    .addOption(cloud)
    .option('--no-wait', 'leave as soon as it was made')
    .option('--json', 'print one JSON object a line')
    .action(act(startPod));
  pods
    .command('run')
    .description('run everything that waits on rented GPUs, and end them one by one')
    .addOption(gpu)
    .addOption(cloud)
    .option('--max <n>', 'pods at most', whole)
    .option('--deadline <hours>', 'hours within which all is to be done', positive)
    .option('--dry-run', 'only say how many and what it would cost')
    .option('--no-wait', 'leave as soon as they were made')
    .option('--json', 'print one JSON object a line')
    .action(act(runPods));
  for (const [name, action, what] of [
    ['stop', 'stop', 'stop a pod: its GPU costs nothing then, its disk may'],
    ['resume', 'start', 'start a stopped pod again'],
    ['restart', 'restart', 'start its container anew'],
    ['drain', 'drain', 'let it finish what it has, then end it'],
    ['terminate', 'terminate', 'end it for good'],
    ['adopt', 'adopt', 'use a pod that was found'],
  ] as const)
    pods
      .command(name)
      .description(what)
      .argument('<id>')
      .option('--json', 'print JSON')
      .action(act(changePod(action)));
  pods
    .command('log')
    .description('print the last lines of its log')
    .argument('<id>')
    .option('--json', 'print one JSON object a line')
    .action(act(podLog));
  pods
    .command('spend')
    .description('what was spent, by day and batch')
    .option('--days <n>', 'days to look back', whole, 30)
    .option('--json', 'print JSON')
    .action(act(podSpending));
  pods
    .command('key')
    .description('keep the API key of RunPod, read from standard input')
    .option('--json', 'print JSON')
    .action(act(podSecret('apiKey')));
  pods
    .command('hf-token')
    .description('keep the Hugging Face token that pods are given, read from standard input')
    .option('--json', 'print JSON')
    .action(act(podSecret('hfToken')));
  addWorkerCommands(program, act);
  return program;
}

/** How a transcript looks in a format, whenever it is written. */
function styled(command: Command): Command {
  return command
    .addOption(new Option('--layout <preset>', 'how subtitles are cut').choices([...CUE_LAYOUTS]))
    .addOption(new Option('--speaker-style <style>', 'where SRT says who speaks').choices([...SRT_SPEAKERS]))
    .option('--vtt-words', 'in VTT a time before every word')
    .option('--tsv-speaker', 'in TSV a column for the speaker')
    .option('--bom', 'a byte-order mark before the text, for programs that want one');
}

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
      const report = toAppError(thrown).report();
      const { what, lost, todo } = explain(report);
      // The form in which the local API refuses.
      const answer = { error: report.message, code: report.code };
      process.stderr.write(
        'json' in globals ? `${JSON.stringify(answer)}\n` : `${printableLines(what)}\n${lost} ${todo}\n`,
      );
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

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return number;
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('Give a number above 0.');
  return number;
}

function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new InvalidArgumentError('Give a port from 0 to 65535.');
  return number;
}
