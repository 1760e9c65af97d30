import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWorkerLink } from './app-link.ts';

const URL_OF_POD = 'https://abc123-8477.proxy.runpod.net';
const link = (params: Record<string, string>) => `bulk-transcribe://worker?${new URLSearchParams(params)}`;

describe('a link that asks to add a worker', () => {
  it('is read', () => {
    expect(readWorkerLink(link({ url: URL_OF_POD, token: 't0ken', name: 'My pod' }))).toEqual({
      name: 'My pod',
      url: URL_OF_POD,
      token: 't0ken',
    });
    expect(readWorkerLink(link({ url: `${URL_OF_POD}/`, token: 't' }))).toEqual({
      name: 'abc123-8477.proxy.runpod.net',
      url: URL_OF_POD,
      token: 't',
    });
  });

  it.each([
    ['another thing', `bulk-transcribe://pod?url=${URL_OF_POD}&token=t`],
    ['a path', `bulk-transcribe://worker/x?url=${URL_OF_POD}&token=t`],
    ['another scheme', `https://worker?url=${URL_OF_POD}&token=t`],
    ['no address', link({ token: 't' })],
    ['no token', link({ url: URL_OF_POD })],
    ['two addresses', `${link({ url: URL_OF_POD, token: 't' })}&url=https://evil.example`],
    ['something unknown', link({ url: URL_OF_POD, token: 't', run: '1' })],
    ['plain http', link({ url: 'http://abc123-8477.proxy.runpod.net', token: 't' })],
    ['a file', link({ url: 'file:///etc/passwd', token: 't' })],
    ['a script', link({ url: 'javascript:alert(1)', token: 't' })],
    ['a name that hides the host', link({ url: 'https://good.example@evil.example', token: 't' })],
    ['a query', link({ url: `${URL_OF_POD}?to=x`, token: 't' })],
    ['a fragment', link({ url: `${URL_OF_POD}#x`, token: 't' })],
    ['a token with a line', link({ url: URL_OF_POD, token: 't\r\nHost: x' })],
    ['a name that turns the writing', link({ url: URL_OF_POD, token: 't', name: 'a\u202eb' })],
    ['a name of two lines', link({ url: URL_OF_POD, token: 't', name: 'a\nb' })],
    ['an empty name', link({ url: URL_OF_POD, token: 't', name: ' ' })],
    ['a very long name', link({ url: URL_OF_POD, token: 't', name: 'x'.repeat(101) })],
    ['far too much', link({ url: URL_OF_POD, token: 'x'.repeat(9_000) })],
    ['nothing', ''],
  ])('is refused for %s', (_what, text) => {
    expect(readWorkerLink(text)).toBeNull();
  });

  it('is never read to mean more than it says', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), fc.string(), fc.string(), (url, token, name) => {
        const read = readWorkerLink(link({ url, token, name }));
        if (read === null) return;
        expect(read.url.startsWith('https://')).toBe(true);
        expect(new URL(read.url).search).toBe('');
        expect(read.token).toBe(token);
        expect(read.name).toBe(name.trim());
      }),
    );
  });
});
