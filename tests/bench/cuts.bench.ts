// Measures a recording of 2 GB through a thousand random cuts: what arrives is the same to the bit, and how much was sent twice.

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SYSTEM_CHANCE, SYSTEM_CLOCK } from '../../src/host/system.ts';
import { EngineStandIn, LogStandIn } from '../../src/tunnel/engine-stand-in.ts';
import { createFileRoutes } from '../../src/tunnel/file-routes.ts';
import { createTunnelDialer } from '../../src/tunnel/tunnel.ts';
import { WorkerStandIn } from '../../src/tunnel/worker-stand-in.ts';
import { chanceFrom } from '../small-whisper/speech/random.mjs';
import { conditions, print } from './measure.ts';

const PIECE = 64 * 1024 * 1024;
const PIECES = 30;
const CUTS = 1_000;
const SEED = 4;

// The same 64 MiB of chance over and over: a file of 2 GB need not lie in memory to be known.
const engine = await EngineStandIn.make(PIECE, PIECES);
const far = new WorkerStandIn({ token: 'bench' });
const url = await far.listen();
const log = new LogStandIn();
const listener = createFileRoutes({ verify: engine.verify, facing: engine, clock: SYSTEM_CLOCK, log });
const chance = chanceFrom(SEED);
// Redialled at once: how long a worker waits is not what is measured.
const clock = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => SYSTEM_CLOCK.after(ms > 400 && ms < 16_000 ? 5 : ms, run),
};
const open = createTunnelDialer({ controllerId: 'bench', listener, clock, chance: SYSTEM_CHANCE, log });
const tunnel = open({ url, token: 'bench' }, () => undefined);
const size = engine.prepared.sizeBytes;
const cutAt = Array.from({ length: CUTS }, () => Math.floor(chance.unit() * size)).sort((a, b) => a - b);

const hash = createHash('sha256');
let got = 0;
let cuts = 0;
const began = performance.now();
while (got < size) {
  const headers: Record<string, string> =
    got === 0 ? {} : { Range: `bytes=${got}-`, 'If-Range': `"sha256-${engine.prepared.sha256}"` };
  await new Promise<void>((resolve) => {
    const outgoing = far.begin(engine.inputLink(), { headers });
    outgoing
      .once('error', () => resolve())
      .once('response', (response: IncomingMessage) => {
        response.on('data', (chunk: Buffer) => {
          hash.update(chunk);
          got += chunk.length;
          if (got < (cutAt[0] ?? size)) return;
          while ((cutAt[0] ?? size) <= got && cutAt.length > 0) {
            cutAt.shift();
            cuts += 1;
          }
          // One in ten takes the whole tunnel along.
          if (chance.unit() < 0.1) far.control?.terminate();
          response.destroy();
        });
        response.once('error', () => resolve()).once('close', () => resolve());
      });
    outgoing.end();
  });
}
const same = hash.digest('hex') === engine.prepared.sha256;
print({
  name: 'bytes sent twice / bytes of the recording',
  value: tunnel.bytesSent / size - 1,
  goal: { atMost: 0.05 },
  how: `${(size / 1e9).toFixed(2)} GB, ${cuts} cuts at random bytes, a tenth of them of the whole tunnel, seed ${SEED}; ${Math.round((performance.now() - began) / 1000)} s; ${same ? 'identical to the bit' : 'NOT IDENTICAL'}`,
});
if (!same) process.exitCode = 1;
await tunnel.close();
await far.close();
await engine.remove();
conditions();
