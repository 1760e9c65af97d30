import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGE_ORIGIN } from '../../src/contract/desktop-ipc.ts';
import { PAGE_POLICY } from '../../src/contract/page-files.ts';
import { answerPage, PAGE_SCHEME_PRIVILEGES } from './protocol.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'scheme-'));
  mkdirSync(join(dir, 'ui/assets'), { recursive: true });
  mkdirSync(join(dir, 'ui-secrets'));
  for (const secret of ['secret.txt', 'ui-secrets/secret.txt', 'ui/.env']) writeFileSync(join(dir, secret), 'SECRET');
  writeFileSync(join(dir, 'ui/index.html'), 'page');
  writeFileSync(join(dir, 'ui/assets/a.js'), 'script');
  symlinkSync(join(dir, 'secret.txt'), join(dir, 'ui/link.txt'));
  symlinkSync('..', join(dir, 'ui/up'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const ask = (url: string, method = 'GET') => answerPage(join(dir, 'ui'), { method, url });

const steps = ['..', '%2e%2e', '.%2e', '%252e%252e', '%c0%ae%c0%ae', '..%5c', '..\\', '..%00', '．．', '..;', 'up'];
const joints = ['/', '%2f', '\\', '%5c', '//', '/./'];
const HOSTILE = [
  ...steps.flatMap((step) =>
    joints.flatMap((joint) =>
      ['secret.txt', 'ui-secrets/secret.txt', 'etc/passwd'].flatMap((end) =>
        [1, 3].map((times) => `${PAGE_ORIGIN}/${`${step}${joint}`.repeat(times)}${end}`),
      ),
    ),
  ),
  ...[
    'link.txt',
    'up/secret.txt',
    '.env',
    '%2eenv',
    'assets',
    'assets/',
    'index.html/',
    'index.html%00',
    'C:/secret.txt',
    '%',
    '%zz',
  ].map((end) => `${PAGE_ORIGIN}/${end}`),
  'app://evil.example/index.html',
  'app://bulk-transcribe.evil.example/index.html',
  'app://bulk-transcribe:80/index.html',
  'app://user@bulk-transcribe/index.html',
  'app:index.html',
  'app:///index.html',
  'app://BULK-TRANSCRIBE@evil/index.html',
  'file:///etc/passwd',
  'https://bulk-transcribe/index.html',
  'index.html',
  '',
];

describe('the private scheme', () => {
  it('gives the page with its type and its policy', async () => {
    const page = await ask(`${PAGE_ORIGIN}/?x#y`);
    expect([page.status, await page.text()]).toEqual([200, 'page']);
    expect(page.headers.get('content-security-policy')).toBe(PAGE_POLICY);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const script = await ask(`${PAGE_ORIGIN}/assets/a.js`);
    expect([await script.text(), script.headers.get('content-type')]).toEqual([
      'script',
      'text/javascript; charset=utf-8',
    ]);
    expect((await ask(`${PAGE_ORIGIN}/`, 'POST')).status).toBe(405);
  });

  it(`gives nothing else: ${HOSTILE.length} addresses`, async () => {
    for (const address of HOSTILE) {
      const answer = await ask(address);
      expect([address, answer.status, await answer.text()]).toEqual([address, 404, '']);
    }
  });

  it('is an origin as on the web, and no way around the policy', () => {
    expect(PAGE_SCHEME_PRIVILEGES.privileges).toEqual({
      standard: true,
      secure: true,
      supportFetchAPI: true,
      codeCache: true,
      stream: true,
    });
  });

  it('says when the disk fails otherwise than by a file that is not there', async () => {
    expect((await answerPage(join(dir, 'not-built'), { method: 'GET', url: `${PAGE_ORIGIN}/` })).status).toBe(404);
  });
});
