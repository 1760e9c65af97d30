// Writes docs/command-line.md from the command line itself: every command with what its --help says.
// With --check nothing is written: the exit code says whether the page is that of the commands.
// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLine } from '../src/host/command-line.ts';

const page = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'command-line.md');
const COLUMNS = 110;

const program = commandLine();
const dataDir = program.options.find(({ long }) => long === '--data-dir');
if (dataDir !== undefined) dataDir.defaultValueDescription = 'by system, see README.md';

/** @param {import('commander').Command} command */
function helpOf(command) {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => COLUMNS,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim();
}

/** @param {import('commander').Command} command @param {string} before @returns {string[]} */
function sections(command, before) {
  return command.commands.flatMap((each) => {
    const name = `${before}${each.name()}`;
    return [`## ${name}\n\n\`\`\`\n${helpOf(each)}\n\`\`\`\n`, ...sections(each, `${name} `)];
  });
}

// What is the same under every command is said once.
const withGlobals = helpOf(program);
program.configureHelp({ showGlobalOptions: false });
for (const each of every(program)) each.configureHelp({ showGlobalOptions: false });

/** @param {import('commander').Command} command @returns {import('commander').Command[]} */
function every(command) {
  return command.commands.flatMap((each) => [each, ...every(each)]);
}

const text = `# Command line

Written by \`scripts/command-docs.mjs\` from \`src/host/command-line.ts\`: change that and run \`npm run docs\`.

From a checkout: \`npx bulk-transcribe COMMAND\`. A command speaks to the app that runs on the same data directory, else it runs the engine
itself for as long as it lasts; it never asks anything. What it prints for people may change from version to version; what \`--json\` prints has
the shapes of [api.md](api.md) and only gains fields. Results go to standard output, refusals and reasons to standard error.

| exit code | of | means |
|---|---|---|
| 0 | all | done: for \`transcribe\`, every file was written |
| 1 | all | refused, failed or typed wrongly; for \`transcribe\`, some file was not written; for \`search\`, nothing was found |
| 2 | \`doctor\` | the engine cannot be started |
| 3 | \`transcribe\` | no worker can do what was asked for; it stays in the queue |
| 3 | \`pods list\` | some pods are not known here |
| 4 | \`transcribe\` | the app that it watched went away and was not back in 10 minutes; the queue is kept |
| 130 | \`transcribe\` | stopped by Ctrl+C or a signal; the queue is kept |

\`\`\`
${withGlobals}
\`\`\`

${sections(program, '').join('\n')}`;

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') === text) process.exit(0);
  process.stderr.write('docs/command-line.md is not that of the commands: run "npm run docs".\n');
  process.exit(1);
}
writeFileSync(page, text);
