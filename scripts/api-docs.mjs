// Writes docs/api.md from the contract: every call with its words from the source, its parameters and its result, and every event.
// With --check nothing is written: the exit code says whether the page is that of the contract.
// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { API, appEventSchema, uploadResultSchema } from '../src/contract/api.ts';
import { batchViewSchema, queueViewSchema } from '../src/contract/batch.ts';
import { editedSegmentsSchema } from '../src/contract/edited-segments.ts';
import { editedSegmentSchema, editOperationsSchema } from '../src/contract/edits.ts';
import { ERROR_ADVICE, errorReportSchema } from '../src/contract/errors.ts';
import { jobViewSchema } from '../src/contract/job.ts';
import { jobOptionsSchema } from '../src/contract/options.ts';
import { podsSummarySchema, podViewSchema } from '../src/contract/pods.ts';
import { profileSchema } from '../src/contract/profile.ts';
import { selectionSchema } from '../src/contract/selection.ts';
import { settingsSchema } from '../src/contract/settings.ts';
import { watchFolderSchema } from '../src/contract/watch-folder.ts';
import { workerViewSchema } from '../src/contract/worker-view.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = join(root, 'docs', 'api.md');

/** The comment before each call in the source; types keep no words. */
const said = new Map(
  ['api', 'api-jobs', 'api-workers'].flatMap((name) => {
    const source = readFileSync(join(root, 'src', 'contract', `${name}.ts`), 'utf8');
    return [...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(\w+): call\(/g)].map(
      ([, comment = '', call = '']) => [
        call,
        comment
          .replace(/^\s*\*? ?/gm, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
      ],
    );
  }),
);

/** Shapes that come up again and again, each under a name of its own. @type {ReadonlyMap<string, z.ZodType>} */
const types = new Map(
  /** @type {[string, z.ZodType][]} */ ([
    ['JobOptions', jobOptionsSchema],
    ['Job', jobViewSchema],
    ['Batch', batchViewSchema],
    ['Queue', queueViewSchema],
    ['Worker', workerViewSchema],
    ['Profile', profileSchema],
    ['WatchFolder', watchFolderSchema],
    ['Pod', podViewSchema],
    ['PodsSummary', podsSummarySchema],
    ['Settings', settingsSchema],
    ['ErrorReport', errorReportSchema],
    ['EditOperations', editOperationsSchema],
    ['EditedSegment', editedSegmentSchema],
    ['Selection', selectionSchema],
  ]),
);

/** @param {z.ZodType} schema @param {'input' | 'output'} io */
function plain(schema, io) {
  const { $schema: _, ...rest } = /** @type {Record<string, unknown>} */ (
    z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      reused: 'inline',
      // Checked by hand, for speed: what it accepts is a list of these.
      override: ({ zodSchema, jsonSchema }) => {
        if (/** @type {unknown} */ (zodSchema) === editedSegmentsSchema)
          Object.assign(jsonSchema, plain(z.array(editedSegmentSchema), io));
      },
    })
  );
  return /** @type {Schema} */ (rest);
}

const names = new Map(
  [...types].flatMap(([name, schema]) =>
    /** @type {const} */ (['input', 'output']).map((io) => [JSON.stringify(plain(schema, io)), name]),
  ),
);

/** @typedef {{ type?: string | string[], const?: unknown, enum?: unknown[], anyOf?: Schema[], oneOf?: Schema[], allOf?: Schema[], items?: Schema, prefixItems?: Schema[], properties?: Record<string, Schema>, required?: string[], additionalProperties?: Schema | boolean, propertyNames?: Schema, default?: unknown, $ref?: string }} Schema */

/**
 * A schema as one would write its type.
 * @param {Schema} schema
 * @param {number} depth
 * @returns {string}
 */
function shape(schema, depth = 0) {
  const name = names.get(JSON.stringify(schema));
  if (name !== undefined) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const some = schema.anyOf ?? schema.oneOf;
  if (some !== undefined) return [...new Set(some.map((each) => shape(each, depth)))].join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((each) => shape(each, depth)).join(' & ');
  if (schema.prefixItems !== undefined) return `[${schema.prefixItems.map((each) => shape(each, depth)).join(', ')}]`;
  if (schema.type === 'array') {
    const item = shape(schema.items ?? {}, depth);
    return /[|&]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
  }
  if (schema.properties !== undefined) {
    const pad = '  '.repeat(depth + 1);
    const fields = Object.entries(schema.properties).map(
      ([name, field]) => `${pad}${name}${schema.required?.includes(name) ? '' : '?'}: ${shape(field, depth + 1)}`,
    );
    return fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n${'  '.repeat(depth)}}`;
  }
  if (typeof schema.additionalProperties === 'object')
    return `{ [name]: ${shape(schema.additionalProperties, depth)} }`;
  const { type = 'any' } = schema;
  return Array.isArray(type) ? type.join(' | ') : type === 'integer' ? 'integer' : type;
}

/** @param {z.ZodType} schema @param {'input' | 'output'} io */
function written(schema, io) {
  return shape(plain(schema, io));
}

const calls = Object.entries(API).map(([name, { method, path, params, result }]) => {
  const given = written(params, 'input');
  const where = method === 'GET' || method === 'DELETE' ? 'query' : 'body';
  return `### ${name}

\`${method} ${path}\`
${said.has(name) ? `\n${said.get(name)}\n` : ''}
Parameters (those in the path from there, the rest in the ${where}):

\`\`\`ts
${given}
\`\`\`

Answer:

\`\`\`ts
${written(result, 'output')}
\`\`\`
`;
});

const defined = [...types].map(([name, schema]) => {
  const key = JSON.stringify(plain(schema, 'output'));
  const known = names.get(key);
  names.delete(key);
  const text = `### ${name}\n\n\`\`\`ts\n${written(schema, 'output')}\n\`\`\`\n`;
  if (known !== undefined) names.set(key, known);
  return text;
});

const codes = Object.entries(ERROR_ADVICE).map(([code, { what, todo }]) => `| \`${code}\` | ${what} | ${todo} |`);

const text = `# Local API

Written by \`scripts/api-docs.mjs\` from \`src/contract\`: change that and run \`npm run docs\`.

The engine answers on 127.0.0.1 alone (port 8476, or the one that it printed). \`GET /api/runtime\` is open; every other call wants
\`Authorization: Bearer TOKEN\` with what lies in the file \`api-token\` of the data directory. (A page that was opened by \`serve\` gets the token
for a code in its address, good once: \`POST /api/page-codes\` makes one, \`POST /api/page-token {code}\` takes it.) Bodies are JSON. A refused call answers with an
HTTP status and \`{"error": "…", "code": "…"}\`; a parameter that a call does not know is refused, too. Times are milliseconds since 1970, UTC;
lengths of recordings are seconds. Lists in a query have commas between their words. Paths are absolute, on the engine's computer.

\`GET /api/events\` is a stream of server-sent events, one JSON object each; the first is \`{"type":"ready"}\`. Subscribe, wait for it, then ask for
the lists, and nothing is missed. \`POST /api/uploads?name=…\` takes a file's bytes as its body and answers with
\`${written(uploadResultSchema, 'output').replace(/\s+/g, ' ')}\`; its id goes into \`addJobs\`.

## Calls

${calls.join('\n')}
## Types

${defined.join('\n')}
## Events

Several new jobs are told of by \`added\`, at most a thousand in one: each of \`jobs\`, with what is \`common\` to them, is a Job.

\`\`\`ts
${written(appEventSchema, 'output').replaceAll('} | {', '}\n| {')}
\`\`\`

## Error codes

| code | what happened | what to do |
|---|---|---|
${codes.join('\n')}
`;

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') === text) process.exit(0);
  process.stderr.write('docs/api.md is not that of the contract: run "npm run docs".\n');
  process.exit(1);
}
writeFileSync(page, text);
