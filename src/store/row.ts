// Owns how a row becomes a value: rows are unknown until a schema has read them, those that we wrote ourselves too.

import * as z from 'zod';
import { AppError } from '../contract/errors.ts';

/** A column that holds JSON of the given shape. */
export function jsonColumn<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** The row, parsed. @throws AppError DATABASE_DAMAGED, naming the table and the columns that do not fit (never their values). */
export function parseRow<Schema extends z.ZodType>(table: string, schema: Schema, row: unknown): z.output<Schema> {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const columns = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ');
  throw new AppError('DATABASE_DAMAGED', `A row of the table "${table}" cannot be read: ${columns}.`, {
    cause: parsed.error,
  });
}
