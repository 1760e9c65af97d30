// The smoke test of a remote worker, against a real worker that really transcribes, and against everything that a person meets instead.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { ROOT, temporaryFolder, testEnvironment } from '../through/engine-process.ts';
import { startWorker, type WorkerProcess } from '../through/worker-process.ts';
import { type Ended, shell } from './shell.ts';

const folder = await temporaryFolder();
let worker: WorkerProcess;

beforeAll(async () => {
  worker = await startWorker(
    folder.path,
    testEnvironment({ BUILD_COMMIT: 'b4b98e5', BUILD_TIME: '2026-01-25T15:30:00Z' }),
  );
});
afterAll(async () => {
  await worker.stop();
  await folder.remove();
});

/** As a person runs it: without the settings of tests, which are the worker's. */
function smoke(url: string | null, token: string | null, extra: Record<string, string> = {}): Promise<Ended> {
  const { WORKER_MODELS_DIR: _, WORKER_MODEL: __, ...env } = testEnvironment();
  return shell(join(ROOT, 'scripts/smoke_remote_worker.sh'), [], {
    env: {
      ...env,
      ...(url === null ? {} : { REMOTE_WORKER_URL: url }),
      ...(token === null ? {} : { REMOTE_WORKER_TOKEN: token }),
      ...extra,
    },
  });
}

/** A server of its own that answers each path with what it is given; any other with 404. */
async function answering(
  answers: Record<string, readonly [number, unknown]>,
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, { error: 'Not found' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}`, server };
}

const health = { status: 'ok', service: 'bulk-transcribe-worker', model: 'large-v3', maxFileMB: 2000 };
const identity = { gitCommit: 'b4b98e5', buildTime: null, declaredImageDigest: null, imageDigestSource: 'none' };
const ping = {
  ...{
    status: 'ok',
    version: 'b4b98e5',
    identity,
    gpu: true,
    gpuName: 'NVIDIA A40',
    cuda: '12.1',
    models: ['large-v3'],
  },
  ...{ diarization: true, maxFileMB: 2000, activeJobs: 0, maxConcurrentJobs: 1 },
};
const preflight = { status: 'ok', checks: { 'import faster_whisper': true }, versions: {}, errors: {} };

test('passes on a real worker, with a real transcript, and never prints the token', async () => {
  const { code, out, err } = await smoke(`${worker.url}/`, worker.token);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^ok {4}Health .*demo-en/m);
  expect(out).toMatch(/^ok {4}Identity .*commit b4b98e5, built 2026-01-25T15:30:00Z, digest not declared/m);
  expect(out).toMatch(/^ok {4}Preflight .*inference/m);
  expect(out).toMatch(/^ok {4}Job .*demo-en, \d+ s through the tunnel, \d\.\d % of the words differ/m);
  expect(out).toMatch(/^ok {4}Words +\d+ of \d+ have times that lie where somebody speaks/m);
  expect(out).toContain(`The smoke test passed: ${worker.url}\n`);
  expect(out + err).not.toContain(worker.token);
});

test('an unexpected identity is a warning; a model that is not there a failure that lists what is', async () => {
  const { code, out } = await smoke(worker.url, worker.token, {
    EXPECTED_WORKER_GIT_COMMIT: 'xyz789',
    SMOKE_MODEL: 'large-v9 "quoted" $(id)',
  });
  expect(code).toBe(1);
  expect(out).toMatch(/^warn {2}Identity +gitCommit: expected 'xyz789', got 'b4b98e5'$/m);
  expect(out).toMatch(/^FAIL {2}Job .*does not have the model/m);
  expect(out).toMatch(/Set SMOKE_MODEL to one of: demo-en, tiny\.en/);
});

test('a wrong token fails at the ping, names both variables, and prints neither token', async () => {
  const { code, out, err } = await smoke(worker.url, 'a-wrong-token');
  expect(code).toBe(1);
  expect(out).toMatch(/^FAIL {2}Ping .*refused the token \(403\)/m);
  expect(out).toContain('WORKER_TOKEN on the worker and REMOTE_WORKER_TOKEN here');
  expect(out + err).not.toContain('a-wrong-token');
});

test('a dead port fails at once', async () => {
  const { url, server } = await answering({});
  server.close();
  await once(server, 'close');
  const { code, out } = await smoke(url, 'token');
  expect(code).toBe(1);
  expect(out).toMatch(/^FAIL {2}Health .*does not answer/m);
  expect(out).toContain('Check that the pod is running and that the address ends in the right port');
});

test('a worker of the older kind is told apart: all is well but the tunnel', async () => {
  const { url, server } = await answering({
    '/health': [200, health],
    '/v1/ping': [200, ping],
    '/v1/preflight': [200, preflight],
  });
  const { code, out } = await smoke(url, 'token');
  server.close();
  expect(code).toBe(1);
  expect(out).toMatch(/^ok {4}GPU +NVIDIA A40, CUDA 12\.1$/m);
  expect(out).toMatch(/^FAIL {2}Job .*no tunnel/m);
  expect(out).toContain('CONTROLLER_BASE_URL');
});

test.each<[string, Record<string, readonly [number, unknown]>, RegExp, string]>([
  ['a proxy whose worker is not up', { '/health': [502, {}] }, /^FAIL {2}Health .*\(502\)/m, 'Wait 1 to 2 minutes'],
  ['an address of something else', { '/health': [200, { ok: true }] }, /^FAIL {2}Health .*no Bulk Transcribe/m, '8477'],
  [
    'a worker without a token',
    { '/health': [200, health], '/v1/ping': [500, { error: 'The worker was started without WORKER_TOKEN.' }] },
    /^FAIL {2}Ping .*started without WORKER_TOKEN/m,
    "Set WORKER_TOKEN in the pod's template",
  ],
  [
    'a driver that does not fit',
    {
      '/health': [200, health],
      '/v1/ping': [200, ping],
      '/v1/preflight': [
        200,
        { ...preflight, status: 'failed', errors: { inference: 'CUDA driver is insufficient\u001b[2J' } },
      ],
    },
    /^FAIL {2}Preflight +inference: CUDA driver is insufficient\[2J$/m,
    'Troubleshooting in docs/gpu-worker-runpod.md',
  ],
  [
    'a worker that another app uses',
    {
      '/health': [200, health],
      '/v1/ping': [200, { ...ping, features: ['tunnel'], tunnel: { connected: true } }],
      '/v1/preflight': [200, preflight],
    },
    /^FAIL {2}Job .*Another app is connected/m,
    'Close that app',
  ],
])('%s fails with its reason and what to do', async (_, answers, line, advice) => {
  const { url, server } = await answering(answers);
  const { code, out } = await smoke(url, 'token');
  server.close();
  expect(code).toBe(1);
  expect(out).toMatch(line);
  expect(out).toContain(advice);
  expect(out).toContain(`The smoke test failed: ${url}\n`);
});

test.each<[string | null, string | null, string]>([
  [null, 'token', 'REMOTE_WORKER_URL is not set'],
  ['https://worker.example', null, 'REMOTE_WORKER_TOKEN is not set'],
  ['worker.example', 'token', 'must begin with https://'],
  ['https://worker.example', 'token\n', 'holds white space'],
])('%j with %j: %s', async (url, token, words) => {
  const { code, out, err } = await smoke(url, token);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(words);
});
