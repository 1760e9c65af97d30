// The command line of speech.mjs, for tests that are not JavaScript: writes a recording and, beside it, its script as JSON.
// node record.mjs --seed 7 --seconds 45 spoken.wav
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { inventRecording, writeRecording } from './speech.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '45' },
    noise: { type: 'string', default: '0' },
  },
});
const [path] = positionals;
if (path === undefined) throw new Error('usage: record.mjs [--seed 1] [--seconds 45] [--noise 0] FILE');
const recording = await inventRecording({
  seed: Number(values.seed),
  seconds: Number(values.seconds),
  noise: Number(values.noise),
});
await writeRecording(recording, path);
const { duration, lines, text } = recording;
await writeFile(`${path}.json`, `${JSON.stringify({ duration, text, lines }, null, 1)}\n`);
