// A worker as small as its life in the system allows, for local-worker.test.ts. FAKE_WORKER says how it behaves.
// @ts-check
import { existsSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const { WORKER_TOKEN = '', WORKER_STATE_FILE = '', FAKE_WORKER = '', FAKE_WORKER_FLAG = '' } = process.env;
const { WORKER_TMP_DIR = '' } = process.env;

process.stdout.write('{"level":"info","message":"The fake worker begins."}\n');
if (FAKE_WORKER === 'dies' || (FAKE_WORKER === 'dies-once' && !existsSync(FAKE_WORKER_FLAG))) {
  if (FAKE_WORKER_FLAG) writeFileSync(FAKE_WORKER_FLAG, '');
  process.stderr.write('ImportError: no module named ctranslate2\n');
  process.exit(3);
}

if (FAKE_WORKER === 'alone') {
  // As the real one does: a work directory has one worker. It comes up when the flag is there.
  try {
    mkdirSync(join(WORKER_TMP_DIR, 'taken'));
  } catch {
    writeFileSync(FAKE_WORKER_FLAG, '');
    process.stderr.write('Another worker has the work directory.\n');
    process.exit(4);
  }
  while (!existsSync(FAKE_WORKER_FLAG)) await pause(5);
}

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  if (request.url === '/health') {
    response.end(JSON.stringify({ status: 'ok', service: 'bulk-transcribe-worker', model: 'tiny', maxFileMB: 1 }));
  } else if (request.headers.authorization !== `Bearer ${WORKER_TOKEN}`) {
    response.writeHead(403).end('{"error":"Wrong token."}');
  } else if (request.url === '/environment') {
    response.end(JSON.stringify({ env: process.env, argv: process.argv }));
  } else {
    response.end(JSON.stringify({ status: 'ok', gpu: false, models: [], diarization: false }));
  }
});

server.listen(0, '127.0.0.1', () => {
  if (FAKE_WORKER === 'mute') return;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  writeFileSync(`${WORKER_STATE_FILE}.tmp`, JSON.stringify({ pid: process.pid, port, bootId: 'b', instanceId: 'i' }));
  renameSync(`${WORKER_STATE_FILE}.tmp`, WORKER_STATE_FILE);
});

process.on('SIGTERM', () => {
  if (FAKE_WORKER === 'stubborn') return;
  unlinkSync(WORKER_STATE_FILE);
  process.exit(0);
});
