// Owns the command `doctor`: looks over everything and says what to do, or writes a report that may be sent to somebody.

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DoctorFinding } from '../../contract/doctor.ts';
import { explain, toAppError } from '../../contract/errors.ts';
import { pause } from '../../controller/pause.ts';
import { exportError } from '../file-placing.ts';
import { SYSTEM_CLOCK } from '../system.ts';
import type { GlobalOptions } from './engine-access.ts';
import { accessEngine } from './engine-access.ts';
import { printable, printableLines } from './terminal-text.ts';

/** Exit codes: nothing failed (warnings do not count); something did; not even an engine could be started. */
const EXIT = { well: 0, failed: 1, noEngine: 2 } as const;

const MARKS = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const;
/** Milliseconds that workers are given to answer an engine that was started for this command. */
const PATIENCE_MS = 8_000;

export async function doctor(options: GlobalOptions & { readonly bundle?: string | true }): Promise<number> {
  let access: Awaited<ReturnType<typeof accessEngine>>;
  try {
    access = await accessEngine(options, 'workers');
  } catch (thrown) {
    // A wrong variable, a damaged database: that is the finding.
    const report = toAppError(thrown).report();
    const { what, lost, todo } = explain(report);
    process.stdout.write(
      options.json ? `${JSON.stringify({ ok: false, error: report })}\n` : `✗  ${what}\n   ${lost} ${todo}\n`,
    );
    return EXIT.noEngine;
  }
  try {
    const until = SYSTEM_CLOCK.now() + PATIENCE_MS;
    while (SYSTEM_CLOCK.now() < until) {
      const { workers } = await access.api.call('listWorkers', {});
      if (workers.every(({ health, tunnel }) => health !== 'connecting' && tunnel.state !== 'connecting')) break;
      await pause(SYSTEM_CLOCK, 100, new AbortController().signal);
    }
    if (options.bundle !== undefined) {
      const { filename, text } = await access.api.call('doctorBundle', {});
      const file = resolve(options.bundle === true ? filename : options.bundle);
      await writeFile(file, text, { mode: 0o600 }).catch((thrown: unknown) => {
        throw exportError(file, thrown);
      });
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ file })}\n`
          : `${file}\nIt holds no secrets, names or transcripts. Read it before you send it.\n`,
      );
      return EXIT.well;
    }
    const report = await access.api.call('doctor', {});
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else for (const finding of report.findings) process.stdout.write(lines(finding));
    return report.ok ? EXIT.well : EXIT.failed;
  } finally {
    await access.close();
  }
}

function lines({ check, subject, verdict, message, advice }: DoctorFinding): string {
  const about = subject === null ? '' : `${printable(subject.name)}: `;
  return `${MARKS[verdict]}  ${about}${check.replaceAll('_', ' ')}: ${printableLines(message)}\n${advice.map((step) => `     → ${step}\n`).join('')}`;
}
