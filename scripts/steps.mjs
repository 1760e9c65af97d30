// Shows work that takes a while: what is being done, then how long it took. On a terminal the seconds count up.
// @ts-check
import { spawn } from 'node:child_process';
import { root } from './node24.mjs';

/**
 * One line on stderr (stdout belongs to the command's answer) that says what is under way until `end` writes how long it took.
 * @param {string} label
 */
export function progressLine(label) {
  const { stderr } = process;
  const started = performance.now();
  let detail = '';
  const line = () => `${label}${detail && `: ${detail}`} … ${((performance.now() - started) / 1000).toFixed(1)} s`;
  const draw = () => stderr.write(`\r\x1b[K${line().slice(0, (stderr.columns || 80) - 1)}`);
  const clock = stderr.isTTY ? setInterval(draw, 200) : undefined;
  return {
    /** @param {string} text what it is at now */
    say(text) {
      // Without a terminal nothing can be drawn over, so each stage gets a line of its own.
      if (!stderr.isTTY && text !== detail) stderr.write(`${label}: ${text}\n`);
      detail = text;
    },
    end() {
      clearInterval(clock);
      detail = '';
      stderr.write(`${stderr.isTTY ? '\r\x1b[K' : ''}${line()}\n`);
    },
  };
}

/**
 * Does `work` under one progress line. `work` may call `say` with what it is at.
 * @template T
 * @param {string} label
 * @param {(say: (detail: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(label, work) {
  const line = progressLine(label);
  try {
    return await work(line.say);
  } finally {
    line.end();
  }
}

/**
 * Runs a command from the repository's root and keeps what it says; throws with that when it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (bytes) => {
      output += bytes;
    });
    child.stderr.on('data', (bytes) => {
      output += bytes;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(' ')} failed (${code}):\n${output}`));
    });
  });
}
