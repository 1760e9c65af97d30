import { beforeEach, expect, it } from 'vitest';
import { dropToken, keepToken, takeToken } from './token.ts';

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

it('understands a pasted token and a pasted address', () => {
  keepToken('  abc\n');
  expect(takeToken()).toBe('abc');
  keepToken('http://127.0.0.1:8476/#token=def ');
  expect(takeToken()).toBe('def');
});
