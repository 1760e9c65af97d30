// Owns the named kill points: loaded into an engine by NODE_OPTIONS=--import, it ends the process by SIGKILL at the given passing of a
// point. It works from outside, on Node's and the libraries' own seams; the product knows nothing of it.
//
//   FAULT_KILL_AT=delivered:before@2    the second time, with the event written and not committed
// @ts-check
import { subscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const [wanted = '', passing = '1'] = (process.env['FAULT_KILL_AT'] ?? '').split('@');
let passed = 0;

/** @param {string} point */
function pass(point) {
  if (point !== wanted) return;
  passed += 1;
  if (passed === Number(passing)) process.kill(process.pid, 'SIGKILL');
}

// Each change of a job: its event is written in the transaction that is about to be committed.
const Database = createRequire(import.meta.url)('better-sqlite3');
const { prepare, transaction } = Database.prototype;
/** @type {string[]} */
let uncommitted = [];
/** Transactions within transactions are savepoints: only the outermost one is committed. */
let depth = 0;
Database.prototype.prepare = function (/** @type {string} */ sql) {
  const statement = prepare.call(this, sql);
  const isEvent = sql.startsWith('insert into events');
  // The jobs of a batch get their first events from one statement.
  const typeAt = sql.includes(' select ') ? 1 : 3;
  // A transcript is taken into the search index, some time after its delivery.
  if (!isEvent && !sql.startsWith('update searched set taken')) return statement;
  return {
    run: (/** @type {unknown[]} */ ...values) => {
      const done = statement.run(...values);
      uncommitted.push(isEvent ? String(values[typeAt]) : 'indexed');
      return done;
    },
  };
};
Database.prototype.transaction = function (/** @type {(...values: unknown[]) => unknown} */ work) {
  const run = transaction.call(this, (/** @type {unknown[]} */ ...values) => {
    const result = work(...values);
    if (depth === 1) for (const type of uncommitted) pass(`${type}:before`);
    return result;
  });
  return {
    ...run,
    immediate: (/** @type {unknown[]} */ ...values) => {
      if (depth === 0) uncommitted = [];
      depth += 1;
      try {
        const result = run.immediate(...values);
        if (depth === 1) for (const type of uncommitted) pass(`${type}:after`);
        return result;
      } finally {
        depth -= 1;
      }
    },
  };
};

// The files of a transcript: made aside, synced, put in place, the folder synced.
const { open, link, rm } = fs.promises;
const aside = (/** @type {unknown} */ path) => String(path).endsWith('.part');
fs.promises.open = async (path, flags, mode) => {
  const handle = await open(path, flags, mode);
  const sync = handle.sync.bind(handle);
  if (aside(path)) pass('part-file:made');
  if (aside(path) || flags === 'r')
    handle.sync = async () => {
      await sync();
      pass(aside(path) ? 'fsync:after' : 'folder-fsync:after');
    };
  return handle;
};
fs.promises.link = async (from, to) => {
  pass('rename:before');
  await link(from, to);
  pass('rename:after');
};
fs.promises.rm = async (path, options) => {
  if (aside(path)) pass('part-file:before-removal');
  await rm(path, options);
};
syncBuiltinESMExports();

// What goes to the worker.
subscribe('undici:client:sendHeaders', (message) => {
  const { request } = /** @type {{ request: { method: string, path: string } }} */ (message);
  if (request.method === 'POST' && request.path === '/v1/jobs') pass('offer:sent');
});
const { write, end } = http.ServerResponse.prototype;
const about = (/** @type {http.ServerResponse} */ response) => {
  const url = response.req?.url ?? '';
  if (response.statusCode > 206) return '';
  return url.includes('/inputs/') ? 'recording' : url.includes('/worker/outputs') ? 'worker-ack' : '';
};
http.ServerResponse.prototype.write = function (/** @type {any[]} */ ...values) {
  const taken = /** @type {any} */ (write).apply(this, values);
  pass(`${about(this)}:part-sent`);
  return taken;
};
http.ServerResponse.prototype.end = function (/** @type {any[]} */ ...values) {
  pass(`${about(this)}:before`);
  const ended = /** @type {any} */ (end).apply(this, values);
  pass(`${about(this)}:after`);
  return ended;
};
