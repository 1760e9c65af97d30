// `node tests/bench/sent-bytes.ts`: what leaves the computer of recordings with pictures, against the bytes of their audio track as ffprobe
// counts them. Goal: at most 1.02 for mp4, mov, mkv and webm. Needs ffmpeg.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileMedia } from '../../src/media/media.ts';

const run = promisify(execFile);
const MINUTES = 20;
const GOAL = 1.02;
const folder = await mkdtemp(join(tmpdir(), 'bt-sent-'));
const media = new FileMedia({ folder: join(folder, 'prepared') });
// The threads do not keep a process alive; the engine has other things that do.
const awake = setInterval(() => undefined, 60_000);

async function make(name: string, ...codecs: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const seconds = MINUTES * 60;
  const picture = ['-f', 'lavfi', '-i', `testsrc=d=${seconds}:s=640x360:r=5`];
  const sound = ['-f', 'lavfi', '-i', `anoisesrc=d=${seconds}:c=pink:r=48000:a=0.4`];
  await run('ffmpeg', ['-loglevel', 'error', '-y', ...picture, ...sound, '-ac', '2', ...codecs, path]);
  return path;
}

/** Bytes of the packets of the first audio track, by ffprobe. */
async function trackBytes(path: string): Promise<number> {
  const args = ['-v', 'error', '-select_streams', 'a:0', '-show_entries', 'packet=size', '-of', 'csv=p=0', path];
  const { stdout } = await run('ffprobe', args, { maxBuffer: 2 ** 28 });
  return stdout.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0), 0);
}

const line = (...cells: readonly string[]) =>
  process.stdout.write(`${cells.map((cell, index) => (index === 0 ? cell.padEnd(8) : cell.padStart(13))).join('')}\n`);

try {
  const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-b:a', '128k'];
  const mp4 = await make('a.mp4', ...h264);
  const files = [mp4];
  for (const ending of ['mov', 'mkv']) {
    files.push(join(folder, `a.${ending}`));
    await run('ffmpeg', ['-loglevel', 'error', '-y', '-i', mp4, '-c', 'copy', join(folder, `a.${ending}`)]);
  }
  files.push(await make('a.webm', '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus', '-b:a', '96k'));
  process.stdout.write(`${MINUTES} minutes each, AAC 128 kbit/s (webm: Opus 96 kbit/s), Node ${process.version}\n`);
  line('', 'file', 'audio track', 'sent', 'sent/track', 'CPU s/hour');
  let worst = 0;
  for (const [index, path] of files.entries()) {
    const before = process.cpuUsage();
    const source = await media.prepare({ jobId: `job_${index}`, path, options: {} }, AbortSignal.timeout(600_000));
    const { user, system } = process.cpuUsage(before);
    const sent = source.copy?.sizeBytes ?? source.sizeBytes;
    const track = await trackBytes(path);
    worst = Math.max(worst, sent / track);
    const cpu = ((user + system) / 1e6 / MINUTES) * 60;
    const { size } = await stat(path);
    line(
      path.slice(path.lastIndexOf('.') + 1),
      String(size),
      String(track),
      String(sent),
      (sent / track).toFixed(4),
      cpu.toFixed(1),
    );
  }
  process.stdout.write(`worst ${worst.toFixed(4)}, goal ${GOAL}: ${worst <= GOAL ? 'kept' : 'MISSED'}\n`);
  if (worst > GOAL) process.exitCode = 1;
} finally {
  clearInterval(awake);
  await media.close();
  await rm(folder, { recursive: true, force: true });
}
