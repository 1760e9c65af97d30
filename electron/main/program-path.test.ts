import { expect, test } from 'vitest';
import { programEnvironment } from './program-path.ts';

const FINDER = '/usr/bin:/bin:/usr/sbin:/sbin';
const programPath = (path: string, exists: (folder: string) => boolean) =>
  programEnvironment('darwin', { PATH: path, LANG: 'de_DE' }, '/Users/ann', exists);
const there =
  (...folders: string[]) =>
  (folder: string) =>
    folders.includes(folder);

test('an app that Finder opened finds what Homebrew and python.org installed, before the system’s own', () => {
  const folders = there('/opt/homebrew/bin', '/Library/Frameworks/Python.framework/Versions/Current/bin');
  expect(programPath(FINDER, folders)).toEqual({
    LANG: 'de_DE',
    PATH: `/opt/homebrew/bin:/Library/Frameworks/Python.framework/Versions/Current/bin:${FINDER}`,
  });
});

test('what a terminal has said stays first and in its order', () => {
  const said = `/Users/ann/work/.venv/bin:/usr/local/bin:${FINDER}`;
  const folders = there('/usr/local/bin', '/opt/homebrew/bin', '/Users/ann/.pyenv/shims');
  expect(programPath(said, folders)['PATH']).toBe(
    `/Users/ann/work/.venv/bin:/usr/local/bin:/opt/homebrew/bin:/Users/ann/.pyenv/shims:${FINDER}`,
  );
});

test('without the system’s folder, what is missing comes last; a folder that is not there never', () => {
  expect(programPath('/a::/b', there('/opt/local/bin'))['PATH']).toBe('/a:/b:/opt/local/bin');
  expect(programPath('', there())['PATH']).toBe('');
});

test.each(['linux', 'win32'] as const)('on %s the environment is as it was', (platform) => {
  const env = { Path: 'C:\\x;D:\\y' };
  expect(programEnvironment(platform, env, '/home/ann', () => true)).toBe(env);
});
