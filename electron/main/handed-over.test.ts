import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLocalPath } from './dialogs.ts';
import { ownRequest, readRequest } from './handed-over.ts';

describe('what a start is given', () => {
  it('is its arguments without the program, and in a checkout without its folder', () => {
    expect(ownRequest(['/app/bulk-transcribe', 'a.wav'], '/home', true)).toEqual({ argv: ['a.wav'], cwd: '/home' });
    expect(ownRequest(['/electron', '.', 'a.wav'], '/home', false)).toEqual({ argv: ['a.wav'], cwd: '/home' });
  });

  it('is read as paths and links; options are for Chromium', () => {
    const link = 'bulk-transcribe://worker?url=https://x&token=t';
    const argv = ['--no-sandbox', '-x', '', 'a.wav', '/b/c.mp4', '../d', link, 'BULK-TRANSCRIBE:y'];
    expect(readRequest({ argv, cwd: '/home/anna' })).toEqual({
      paths: ['/home/anna/a.wav', '/b/c.mp4', '/home/d'],
      links: [link, 'BULK-TRANSCRIBE:y'],
    });
  });

  it.each([null, 7, 'a.wav', [], {}, { argv: 'a', cwd: '/' }, { argv: [7], cwd: '/' }, { argv: ['a'] }])(
    'is nothing where it makes no sense: %j',
    (sent) => {
      expect(readRequest(sent)).toEqual({ paths: [], links: [] });
    },
  );

  it.each(['file:///etc/passwd', 'https://evil.example/a.wav', 'smb://evil.example/a.wav', '//server/share/a.wav'])(
    'is no path of this computer: %s',
    (argument) => {
      expect(readRequest({ argv: [argument], cwd: '/home' }).paths).toEqual([]);
    },
  );

  it('never becomes a path that is not on this computer', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (argv) => {
        expect(readRequest({ argv, cwd: '/home' }).paths.every(isLocalPath)).toBe(true);
      }),
    );
  });
});
