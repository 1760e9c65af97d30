import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_ORIGIN } from '../../src/contract/desktop-ipc.ts';
import { answerRecording } from './recording.ts';

let server: Server;
let port = 0;
const seen: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
beforeAll(async () => {
  server = createServer((req, res) => {
    seen.push({ method: req.method, url: req.url, headers: req.headers });
    if (req.url?.startsWith('/api/jobs/away/')) {
      res.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end();
      return;
    }
    res.writeHead(206, {
      'Content-Range': 'bytes 2-4/9',
      'Content-Type': 'audio/mp4',
      'Set-Cookie': 'a=b',
      ETag: '"1"',
    });
    res.end(req.method === 'HEAD' ? undefined : 'abc');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const ask = (path: string, init: RequestInit = {}, to: number | null = port) => {
  // Node's Request takes no private scheme: the parts that are used, as Electron gives them.
  const { method = 'GET', headers = {} } = init;
  return answerRecording(to, {
    method,
    url: path.startsWith('/') ? PAGE_ORIGIN + path : path,
    headers: new Headers(headers),
    signal: new AbortController().signal,
  });
};

describe('a recording for the window', () => {
  it('is asked of the engine with the range alone, and its answer is passed on', async () => {
    const answer = await ask('/api/jobs/job_1/media?grant=play_1', { headers: { range: 'bytes=2-4', cookie: 'a=b' } });
    expect(answer?.status).toBe(206);
    expect(await answer?.text()).toBe('abc');
    expect(Object.fromEntries(answer?.headers ?? [])).toEqual({
      'content-range': 'bytes 2-4/9',
      'content-type': 'audio/mp4',
      etag: '"1"',
    });
    const [asked] = seen.splice(0);
    expect(asked).toMatchObject({
      method: 'GET',
      url: '/api/jobs/job_1/media?grant=play_1',
      headers: { range: 'bytes=2-4', host: `127.0.0.1:${port}` },
    });
    expect(asked?.headers).not.toHaveProperty('cookie');
    expect(asked?.headers).not.toHaveProperty('authorization');
  });

  it('is nothing else: no other call of the engine, no other place', async () => {
    for (const path of [
      '/api/jobs',
      '/api/jobs/job_1',
      '/api/jobs/job_1/transcript',
      '/api/jobs//media',
      '/api/jobs/a/b/media',
      '/api/jobs/job_1/media/',
      '/api/jobs/../../etc/media',
      '/index.html',
      'https://bulk-transcribe/api/jobs/job_1/media',
      'app://other/api/jobs/job_1/media',
      'app://user@bulk-transcribe/api/jobs/job_1/media',
      'app:',
    ])
      expect([path, ask(path)]).toEqual([path, null]);
    expect((await ask('/api/jobs/job_1/media', { method: 'POST' }))?.status).toBe(405);
    expect(seen).toEqual([]);
  });

  it('says so when the engine is not there, or sends elsewhere', async () => {
    expect((await ask('/api/jobs/job_1/media', {}, null))?.status).toBe(503);
    expect((await ask('/api/jobs/job_1/media', {}, 1))?.status).toBe(502);
    expect((await ask('/api/jobs/away/media'))?.status).toBe(502);
  });
});
