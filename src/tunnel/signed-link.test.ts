import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLinkSigner, createLinkVerifier } from './signed-link.ts';

const key = Buffer.alloc(32, 7);
const base = 'http://controller.tunnel';
const signer = createLinkSigner(key, 'k1');
const verify = createLinkVerifier(key, 'k1');
const EXPIRES = 1_800_000_000;
const BEFORE = (EXPIRES - 1) * 1000;

const common = { base, jobId: 'job_1', attempt: 3, expiresSec: EXPIRES };
const input = { ...common, inputId: 'in_1', sizeBytes: 1_234, sha256: 'ab'.repeat(32) };
const output = { ...common, inputId: 'in_1', maxBytes: 64 };

const links = [
  { method: 'GET', url: signer.inputLink(input).slice(base.length) },
  { method: 'POST', url: signer.outputLink(output).slice(base.length) },
  { method: 'POST', url: signer.completeLink(common).slice(base.length) },
] as const;

const refused = { ok: false, code: 'LINK_INVALID' };

describe('a link', () => {
  test('opens exactly what it was made for', () => {
    const { base: _, ...grant } = input;
    expect(verify('GET', links[0].url, BEFORE)).toEqual({ ok: true, grant: { route: 'input', ...grant } });
    expect(verify('HEAD', links[0].url, BEFORE)).toMatchObject({ ok: true });
    const { base: __, ...out } = output;
    expect(verify('POST', links[1].url, BEFORE)).toEqual({ ok: true, grant: { route: 'output', ...out } });
    expect(verify('POST', links[2].url, BEFORE)).toMatchObject({ ok: true, grant: { route: 'complete', attempt: 3 } });
  });

  test('is spelled as docs/protocol.md says, so that another implementation can make it', () => {
    expect(links[1].url).toMatch(
      /^\/api\/jobs\/job_1\/worker\/outputs\?inputId=in_1&attempt=3&size=64&expires=1800000000&key=k1&sig=[\w-]{43}$/,
    );
    // HMAC-SHA256(key, "BT1\nPOST\n/api/jobs/job_1/worker/complete\n1800000000\njob_1\n3\n-\n-"), by Python's hmac.
    expect(links[2].url.split('sig=')[1]).toBe('mg5w_0zjRgLiJUVx4gx4nmvBBoNk79hhrd5QM8D7LhQ');
  });

  test('ends with its second', () => {
    expect(verify('GET', links[0].url, EXPIRES * 1000 - 1)).toMatchObject({ ok: true });
    expect(verify('GET', links[0].url, EXPIRES * 1000)).toEqual({ ok: false, code: 'LINK_EXPIRED' });
  });

  test('is refused by another key, and by a key of another name', () => {
    expect(createLinkVerifier(randomBytes(32), 'k1')('GET', links[0].url, BEFORE)).toEqual(refused);
    expect(createLinkVerifier(key, 'k2')('GET', links[0].url, BEFORE)).toEqual(refused);
  });

  test('is not made with a short key or from ids that a path cannot carry', () => {
    expect(() => createLinkSigner(Buffer.alloc(31), 'k1')).toThrow('32 bytes');
    for (const jobId of ['', '../x', 'a/b', 'a?b', 'ä', 'a%2e', 'x'.repeat(101)]) {
      expect(() => signer.inputLink({ ...input, jobId })).toThrow();
      expect(() => signer.outputLink({ ...output, inputId: jobId })).toThrow();
    }
    expect(() => signer.inputLink({ ...input, attempt: 0 })).toThrow();
    expect(() => signer.inputLink({ ...input, sizeBytes: 1.5 })).toThrow();
    expect(() => signer.inputLink({ ...input, sha256: 'AB'.repeat(32) })).toThrow();
  });
});

describe('what is not a link', () => {
  test('every single bit flipped', () => {
    let tried = 0;
    for (const { method, url } of links) {
      const bytes = Buffer.from(url);
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verify(method, changed.toString('latin1'), BEFORE)).toEqual(refused);
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(3_000);
  });

  test('other methods', () => {
    for (const { method, url } of links) {
      for (const other of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'get', '']) {
        if (other === method || (method === 'GET' && other === 'HEAD')) continue;
        expect(verify(other, url, BEFORE)).toEqual(refused);
      }
    }
  });

  test('parameters that are missing, doubled, unknown, empty or encoded', () => {
    for (const { method, url } of links) {
      const [path = '', query = ''] = url.split('?');
      const parts = query.split('&');
      for (const part of parts) {
        const others = parts.filter((each) => each !== part);
        const [name = '', value = ''] = part.split('=');
        const encoded = `${name}=%${value.charCodeAt(0).toString(16)}${value.slice(1)}`;
        const wrong = [others, [...parts, part], [...others, `${name}=`], [...others, name], [...others, encoded]];
        for (const each of wrong) expect(verify(method, `${path}?${each.join('&')}`, BEFORE)).toEqual(refused);
      }
      for (const more of ['&x=1', '&', '#x', '?', '&attempt=3', '%00', ' ']) {
        expect(verify(method, `${url}${more}`, BEFORE)).toEqual(refused);
      }
      expect(verify(method, `http://controller.tunnel${url}`, BEFORE)).toEqual(refused);
      expect(verify(method, `/${url}`, BEFORE)).toEqual(refused);
      expect(verify(method, path, BEFORE)).toEqual(refused);
    }
  });

  test('the signature of one link on another that differs in any field: 20,000 of them', () => {
    const id = fc.constantFrom('job_1', 'job_2', 'in_1', 'in_2');
    const grant = fc.record({
      jobId: id,
      inputId: id,
      attempt: fc.integer({ min: 1, max: 4 }),
      expiresSec: fc.constantFrom(EXPIRES, EXPIRES + 1),
      sizeBytes: fc.constantFrom(0, 3, 64, 1_234),
      sha256: fc.constantFrom('ab'.repeat(32), 'cd'.repeat(32)),
    });
    const made = fc.sample(grant, 100).flatMap((each) => [
      { method: 'GET', url: signer.inputLink({ base, ...each }).slice(base.length) },
      { method: 'POST', url: signer.outputLink({ base, ...each, maxBytes: each.sizeBytes }).slice(base.length) },
      { method: 'POST', url: signer.completeLink({ base, ...each }).slice(base.length) },
    ]);
    let tried = 0;
    for (const { method, url } of made) {
      expect(verify(method, url, BEFORE)).toMatchObject({ ok: true });
      for (const { url: other } of made) {
        if (other === url || tried >= 20_000) continue;
        const verdict = verify(method, `${url.slice(0, -43)}${other.slice(-43)}`, BEFORE);
        if (verdict.ok || verdict.code !== 'LINK_INVALID') expect.fail(`${url} took the signature of ${other}`);
        tried += 1;
      }
    }
    expect(tried).toBe(20_000);
  });

  test('arbitrary text', () => {
    fc.assert(
      fc.property(fc.string(), fc.webPath(), fc.webQueryParameters(), (method, path, query) => {
        expect(verify(method, `${path}?${query}`, BEFORE)).toEqual(refused);
        expect(verify('GET', query, BEFORE)).toEqual(refused);
      }),
      { numRuns: 200 },
    );
  });
});
