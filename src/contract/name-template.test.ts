import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAME_FIELDS, nameTemplateSchema, readNameTemplate } from './name-template.ts';

describe('a template of file names', () => {
  it('is words and fields, in folders', () => {
    expect(readNameTemplate('{batch}/{date} {name} ({model}).{ext}')).toEqual({
      ok: true,
      path: [
        [{ field: 'batch' }],
        [{ field: 'date' }, { text: ' ' }, { field: 'name' }, { text: ' (' }, { field: 'model' }, { text: ')' }],
      ],
    });
    expect(readNameTemplate('{ Name }')).toEqual({ ok: true, path: [[{ field: 'name' }]] });
  });

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['transcript', '{name}'],
    ['{date}', '{name}'],
    ['{nmae}', '{nmae} is no field. There are {name}, {date}, {batch}, {speaker-count}, {language}, {model}, {ext}.'],
    ['{name', 'stands alone'],
    ['name}', 'stands alone'],
    ['{{name}}', 'stands alone'],
    ['/{name}', 'cannot begin'],
    ['C:/{name}', 'cannot begin'],
    ['../{name}', 'out of its folder'],
    ['a/../../{name}', 'out of its folder'],
    ['./{name}', 'out of its folder'],
    ['a//{name}', 'no name'],
    ['{name}/', 'no name'],
    ['a\\{name}', '"/"'],
    [`${'a/'.repeat(20)}{name}`, 'at most'],
  ])('%j is refused with what is wrong', (template, problem) => {
    expect(readNameTemplate(template)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
    expect(nameTemplateSchema.safeParse(template).error?.issues[0]?.message).toContain(problem);
  });

  it('is read or refused, whatever it is, and never leads out', () => {
    const piece = fc.constantFrom(
      '{name}',
      '{ext}',
      '..',
      '.',
      '/',
      '\\',
      '{',
      '}',
      ' ',
      'a',
      '\u0000',
      ...NAME_FIELDS,
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const read = readNameTemplate(pieces.join(''));
        if (read.ok) {
          expect(read.path.length).toBeGreaterThan(0);
          for (const part of read.path)
            expect(
              part
                .map((each) => ('text' in each ? each.text : 'x'))
                .join('')
                .trim(),
            ).not.toMatch(/^\.{0,2}$|\//);
        } else expect(read.problem).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });
});
