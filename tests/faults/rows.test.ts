import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../through/engine-process.ts';

/** Rows of the reference's fault matrix. */
const ROWS = 50;

const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, row, , file, name] =
      /^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/.exec(line)?.map((cell) => cell.trim()) ?? [];
    return row === undefined || file === undefined || name === undefined ? [] : [{ row: Number(row), file, name }];
  });

test('every row of the fault matrix is in the table, once', () => {
  expect(table.map(({ row }) => row)).toEqual(Array.from({ length: ROWS }, (_, index) => index + 1));
});

test.each(table)('row $row has the test that the table names', ({ file, name }) => {
  const path = join(ROOT, file);
  expect(existsSync(path), file).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(name);
});
