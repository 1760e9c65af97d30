// Measures a recording of 2 GB over a line that is cut at a thousand random bytes: what arrives is the same to the bit, and how much was put on the
// line twice. The line is short, so that what is lost is what the tunnel holds, not what a long way holds.

import { SYSTEM_CHANCE, SYSTEM_CLOCK } from '../../src/host/system.ts';
import { EngineStandIn, LogStandIn } from '../../src/tunnel/engine-stand-in.ts';
import { createFileRoutes } from '../../src/tunnel/file-routes.ts';
import { createTunnelDialer } from '../../src/tunnel/tunnel.ts';
import { Helper } from './helper.ts';
import { conditions, print } from './measure.ts';

const PIECE = 64 * 1024 * 1024;
const PIECES = 30;
const CUTS = 1_000;
const SEED = 4;

// The same 64 MiB of chance over and over: a file of 2 GB need not lie in memory to be known.
const engine = await EngineStandIn.make(PIECE, PIECES);
const size = engine.prepared.sizeBytes;
const far = new Helper('resuming.ts');
const line = new Helper('cutter.ts', [await far.line(), CUTS, size, SEED]);
const url = `http://127.0.0.1:${await line.line()}`;
const log = new LogStandIn();
const listener = createFileRoutes({ verify: engine.verify, facing: engine, clock: SYSTEM_CLOCK, log });
// Redialled at once: how long a tunnel waits is not what is measured.
const clock = {
  now: () => Date.now(),
  after: (ms: number, run: () => void) => SYSTEM_CLOCK.after(ms > 400 && ms < 16_000 ? 5 : ms, run),
};
const open = createTunnelDialer({ controllerId: 'bench', listener, clock, chance: SYSTEM_CHANCE, log });
const tunnel = open({ url, token: 'bench' }, () => undefined);
const began = performance.now();
const etag = `"sha256-${engine.prepared.sha256}"`;
const result = (await far.say({ link: engine.inputLink(), size, etag })) as { sha256: string; tries: number };
const seconds = (performance.now() - began) / 1000;
const count = (await line.say({ do: 'count' })) as { left: number; arrived: number; cuts: number };
const same = result.sha256 === engine.prepared.sha256;
print({
  name: 'bytes put on the line twice / bytes of the recording',
  value: count.left / size - 1,
  goal: { atMost: 0.05 },
  how: `${(size / 1e9).toFixed(2)} GB, ${count.cuts} cuts at random bytes of the line, a tenth of them of the whole tunnel, seed ${SEED}; of it ${((count.left - count.arrived) / size).toFixed(3)} lost on the line and ${(count.arrived / size - 1).toFixed(3)} at the far end; ${seconds.toFixed(0)} s; ${same ? 'identical to the bit' : 'NOT IDENTICAL'}`,
});
if (!same) process.exitCode = 1;
await tunnel.close();
far.end();
line.end();
await engine.remove();
conditions();
