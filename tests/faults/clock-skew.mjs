// Owns a wall clock that is wrong: loaded into an engine by NODE_OPTIONS=--import, it moves what Date says. Timers stay as they are.
//
//   FAULT_CLOCK=-1d      m, h or d
// @ts-check
const [, sign = '+', count = '0', unit = 'h'] = /^([+-])(\d+)([mhd]?)$/.exec(process.env['FAULT_CLOCK'] ?? '') ?? [];
const off = (sign === '-' ? -1 : 1) * Number(count) * (unit === 'd' ? 86_400_000 : unit === 'm' ? 60_000 : 3_600_000);
const { now } = Date;
Date.now = () => now() + off;
