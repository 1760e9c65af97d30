import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { dropToken, keepToken, takeToken, tradeCode } from './token.ts';

beforeEach(() => {
  sessionStorage.clear();
  history.replaceState(null, '', '/?theme=dark');
});

it('takes the token out of the address and keeps it for the tab', () => {
  history.replaceState(null, '', '/?theme=dark#token=abc');
  expect(takeToken()).toBe('abc');
  expect(location.href).toMatch(/\/\?theme=dark$/);
  expect(takeToken()).toBe('abc');
  dropToken();
  expect(takeToken()).toBeNull();
});

afterEach(() => vi.unstubAllGlobals());

it('gives the code in the address for the token, once', async () => {
  const asked = vi.fn(async () => Response.json({ token: 'the token' }));
  vi.stubGlobal('fetch', asked);
  history.replaceState(null, '', '/?theme=dark#code=abc');
  await tradeCode('http://127.0.0.1:8476/');
  await tradeCode('http://127.0.0.1:8476/');
  expect(asked.mock.calls).toEqual([
    ['http://127.0.0.1:8476/api/page-token', expect.objectContaining({ method: 'POST', body: '{"code":"abc"}' })],
  ]);
  expect(location.href).toMatch(/\/\?theme=dark$/);
  expect(takeToken()).toBe('the token');
});

it('keeps the token that is there when the code is not good any more', async () => {
  keepToken('the token');
  vi.stubGlobal('fetch', async () => Response.json({ error: 'no', code: 'UNAUTHORIZED' }, { status: 401 }));
  history.replaceState(null, '', '/#code=old');
  await tradeCode('http://127.0.0.1:8476/');
  expect(takeToken()).toBe('the token');
});

it('understands a pasted token and a pasted address', () => {
  keepToken('  abc\n');
  expect(takeToken()).toBe('abc');
  keepToken('http://127.0.0.1:8476/#token=def ');
  expect(takeToken()).toBe('def');
});
