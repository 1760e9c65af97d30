// `npm start`: the desktop app, or the same page in the browser where Electron's binary cannot be had or shown.
// @ts-check
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fetchElectron, installedElectron } from './electron.mjs';
import { become, movedToNode24, node24, root } from './node24.mjs';
import { run, step } from './steps.mjs';

const help = `Opens the desktop app. Where that is not possible, serves the same page to the browser and says why.

  npm start [-- ARGS]   ARGS go to the app, or to \`bulk-transcribe serve\`
`;

/** @returns {Promise<{ binary: string } | { reason: string }>} */
async function desktop() {
  const { platform, env } = process;
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return { reason: 'there is no display' };
  try {
    return { binary: installedElectron() ?? (await fetchElectron()) };
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error);
    const detail = cause instanceof Error && cause.message ? cause.message : message;
    return { reason: `Electron's binary could not be fetched (${detail.split('\n')[0]})` };
  }
}

async function start() {
  const args = process.argv.slice(2);
  const found = await desktop();
  if ('reason' in found) {
    console.error(`No desktop window: ${found.reason}. Serving the page to your browser instead.`);
    become([join(root, 'scripts/bulk-transcribe.mjs'), 'serve', ...args]);
    return;
  }
  await step('Building the app', () => run(node24(), [join(root, 'scripts/build.mjs')]));
  // Chromium refuses its sandbox to root.
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = spawn(found.binary, [...asRoot, root, ...args], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => app.kill(signal));
  process.on('SIGINT', () => {
    // Ctrl-C at a terminal reaches the app by itself; it then closes in its own order.
  });
  app.on('exit', (code) => process.exit(code ?? 1));
}

if (process.argv.includes('--help')) process.stdout.write(help);
else if (!movedToNode24()) await start();
