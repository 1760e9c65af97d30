import { describe, expect, test } from 'vitest';
import { fixedAddress } from './settings-source.ts';

describe('the address at which workers without a tunnel reach this computer', () => {
  test('is none unless it is set', () => {
    expect(fixedAddress({})).toBeNull();
    expect(fixedAddress({ CONTROLLER_BASE_URL: ' ', CONTROLLER_LISTEN_PORT: '9' })).toBeNull();
  });

  test('is an origin, with a port of its own to listen on', () => {
    expect(fixedAddress({ CONTROLLER_BASE_URL: ' https://Transcribe.example/ ' })).toEqual({
      baseUrl: 'https://transcribe.example',
      port: 8478,
    });
    expect(fixedAddress({ CONTROLLER_BASE_URL: 'http://10.0.0.7:9000', CONTROLLER_LISTEN_PORT: '9001' })).toEqual({
      baseUrl: 'http://10.0.0.7:9000',
      port: 9001,
    });
  });

  test.each([
    'transcribe.example',
    'ftp://transcribe.example',
    'https://transcribe.example/app',
    'https://transcribe.example/?a=1',
    'https://transcribe.example/#a',
    'https://me:secret@transcribe.example',
    'javascript:alert(1)',
  ])('is not %s', (base) => {
    const read = () => fixedAddress({ CONTROLLER_BASE_URL: base });
    expect(read).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }) as Error);
    expect(read).not.toThrow(/secret/);
  });

  test.each(['0', '65536', '1.5', 'any', '-1'])('has no port %s', (port) => {
    expect(() =>
      fixedAddress({ CONTROLLER_BASE_URL: 'https://transcribe.example', CONTROLLER_LISTEN_PORT: port }),
    ).toThrow(/CONTROLLER_LISTEN_PORT/);
  });
});
