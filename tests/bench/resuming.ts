// Owns the far end of the bench of cuts, in a process of its own: fetches a link through the tunnel, and goes on after every cut at the byte up to
// which it has all that arrived, as the worker does.
//
//   node resuming.ts        prints its port; then for a line {link, size, etag} on stdin one line {sha256, tries}

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { WorkerStandIn } from '../../src/tunnel/worker-stand-in.ts';

const worker = new WorkerStandIn({ token: 'bench' });
await worker.listen();
process.stdout.write(`${worker.port}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const { link, size, etag } = JSON.parse(line) as { link: string; size: number; etag: string };
  const hash = createHash('sha256');
  let got = 0;
  let tries = 0;
  while (got < size) {
    tries += 1;
    await new Promise<void>((resolve) => {
      const outgoing = worker.begin(link, {
        headers: got === 0 ? {} : { Range: `bytes=${got}-`, 'If-Range': etag },
      });
      outgoing
        .once('error', () => resolve())
        .once('response', (response: IncomingMessage) => {
          response.on('data', (chunk: Buffer) => {
            hash.update(chunk);
            got += chunk.length;
          });
          response.once('error', () => resolve()).once('close', () => resolve());
        })
        .end();
    });
  }
  process.stdout.write(`${JSON.stringify({ sha256: hash.digest('hex'), tries })}\n`);
}
process.exit(0);
