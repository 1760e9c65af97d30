// Owns a stand-in of cloudflared for tests: it writes down how it was called, prints what the program prints, and really carries requests,
// from an "edge" on loopback to the address that it was given. A file beside it tells it to misbehave.
//
//   node cloudflared-stand-in.mjs FOLDER tunnel …     FOLDER/calls.jsonl gets a line a start; FOLDER/mode holds a word of MODES or nothing
// @ts-check
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';

const [folder = '', ...args] = process.argv.slice(2);

/** @param {string} level @param {string} message */
const say = (level, message) => process.stderr.write(`${new Date().toISOString().slice(0, 19)}Z ${level} ${message}\n`);

function mode() {
  try {
    return readFileSync(join(folder, 'mode'), 'utf8').trim();
  } catch {
    return '';
  }
}

const token = process.env['TUNNEL_TOKEN'] ?? null;
const at = args.indexOf('--url');
const host =
  token === null
    ? `${['amber', 'quiet', 'seven'][Math.floor(Math.random() * 3)]}-stand-in-${randomBytes(4).toString('hex')}.trycloudflare.com`
    : null;
// A named tunnel's ingress is written down at Cloudflare, out of sight: here in a file.
const origin = new URL(token === null ? (args[at + 1] ?? '') : readFileSync(join(folder, 'ingress'), 'utf8').trim());

const edge = createServer((incoming, outgoing) => {
  // The host is passed on as it came; who came is written beside it.
  const headers = {
    ...incoming.headers,
    'cf-ray': '8f0',
    'cf-connecting-ip': '203.0.113.7',
    'x-forwarded-proto': 'https',
  };
  const forward = request({
    host: origin.hostname,
    port: origin.port,
    method: incoming.method,
    path: incoming.url,
    headers,
  });
  const page = () => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>');
  };
  forward.on('error', page);
  forward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, server: 'cloudflare' });
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  incoming.pipe(forward);
  outgoing.on('close', () => forward.destroy());
});

edge.listen(0, '127.0.0.1', () => {
  const address = edge.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const call = { pid: process.pid, args, env: Object.keys(process.env).sort(), token, host, port };
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify(call)}\n`);
  say('INF', 'Thank you for trying Cloudflare Tunnel. (https://www.cloudflare.com/website-terms/)');
  const as = mode();
  if (as === 'refused') {
    say(
      'ERR',
      'Error unmarshaling QuickTunnel response: error code: 1015 error="invalid character" status_code="429 Too Many Requests"',
    );
    process.stderr.write(
      'failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": too many requests\n',
    );
    process.exit(1);
  }
  if (as === 'silent') return;
  if (host !== null) {
    say('INF', 'Requesting new quick Tunnel on trycloudflare.com...');
    say('INF', `+${'-'.repeat(90)}+`);
    say('INF', '|  Your quick Tunnel has been created! Visit it at (it may take some time to be reachable):  |');
    say('INF', `|  https://${host}${' '.repeat(Math.max(0, 79 - host.length))}|`);
    say('INF', `+${'-'.repeat(90)}+`);
    say('ERR', 'Configuration file /dev/null was empty');
  }
  if (as === 'unconnected') return;
  say(
    'INF',
    'Registered tunnel connection connIndex=0 connection=6fa9 event=0 ip=198.41.192.7 location=fra03 protocol=quic',
  );
});

process.on('SIGTERM', () => {
  say('INF', 'Initiating graceful shutdown due to signal terminated ...');
  say('INF', 'Unregistered tunnel connection connIndex=0 event=0 ip=198.41.192.7');
  process.exit(0);
});
/** Loses its connection to the edge, and finds it again at the second signal. */
let connected = true;
process.on('SIGUSR2', () => {
  connected = !connected;
  if (connected)
    say('INF', 'Registered tunnel connection connIndex=0 connection=7b2c event=0 ip=198.41.192.7 location=fra03');
  else say('WRN', 'Connection terminated error="timeout: no recent network activity" connIndex=0');
});
