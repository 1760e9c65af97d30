import { expect, it } from 'vitest';
import { ownScript } from './trusted-types.ts';

it.each(['http://127.0.0.1:8476/', 'app://bulk-transcribe/', 'http://127.0.0.1:8476/#token=x'])(
  'lets through what was built for the page at %s, and nothing else',
  (base) => {
    const own = ownScript('assets/peaks-worker-B1.js', base);
    expect(own).toBe(new URL('assets/peaks-worker-B1.js', base).href);
    expect(ownScript(own ?? '', base)).toBe(own);
    for (const foreign of [
      'https://evil.example/assets/x.js',
      '//evil.example/assets/x.js',
      'peaks.js',
      'assets/../peaks.js',
      'assets/%2e%2e/peaks.js',
      'data:text/javascript,1',
      'blob:http://127.0.0.1:8476/x',
      'javascript:1',
      'http://[',
    ]) {
      expect(ownScript(foreign, base), foreign).toBeNull();
    }
  },
);
