// Finds the Node 24 that the project runs on (it runs TypeScript as it is) and starts things under it, whatever Node started us.
// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..');

const folder = join(root, 'node_modules/node');

/** The path of a Node >= 24: this process's own, else the checkout's, which is fetched when it is not there yet. */
export function node24() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const own = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  if (!existsSync(folder)) {
    console.error('The packages of this checkout are not installed yet. Run: npm ci');
    process.exit(1);
  }
  // The package `node` fetches its binary in an install script, and .npmrc lets no install script run.
  console.error(`Fetching Node 24 (once; yours is ${process.version}) …`);
  const { status, stderr } = spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0 || !existsSync(own)) {
    console.error(`${stderr}\nNode 24 could not be fetched. Install Node.js 24 or newer yourself, or try again.`);
    process.exit(1);
  }
  const onPath = join(root, 'node_modules/.bin/node');
  if (process.platform !== 'win32' && !existsSync(onPath)) symlinkSync('../node/bin/node', onPath);
  return own;
}

/**
 * Puts Node 24 in this process's place. Where the system can, the process itself becomes it, so that signals, the exit code and
 * the process id need no carrying over.
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
export function become(args, env = process.env) {
  const node = node24();
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...args], env);
  }
  const child = spawn(node, args, { stdio: 'inherit', env });
  // A terminal sends Ctrl-C to both of us; only without one does the child depend on us for it.
  const atTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !atTerminal) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** Runs the calling script again under Node 24 when it was started by an older one. True when it was: the caller then returns. */
export function movedToNode24() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return false;
  become(process.argv.slice(1));
  return true;
}

/**
 * Whether this file is the one that was started, not one that another imported.
 * @param {string} filename the file's own `import.meta.filename`
 */
export function isStarted(filename) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === filename;
}
