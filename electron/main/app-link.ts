// Owns the links that other programs may open the app with: `bulk-transcribe://worker?url=…&token=…&name=…` asks to add a worker. Whoever
// makes such a link is unknown: it is read strictly, and what it asks for is done only after a person said so. Pure.

export const APP_LINK_SCHEME = 'bulk-transcribe';

/** The worker that a link asks to add. */
export interface WorkerLink {
  readonly name: string;
  readonly url: string;
  readonly token: string;
}

const LONGEST = 8_000;
/** Visible ASCII: what can stand in an HTTP header. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/;
/** No control characters, and none that are not seen or turn the direction of writing: the name is shown in a question. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const NAME = /^[^\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]{1,100}$/;
const KNOWN: ReadonlySet<string> = new Set(['url', 'token', 'name']);

/** Null for every link that is not exactly such a one. The name is the host's where none is given. */
export function readWorkerLink(link: string): WorkerLink | null {
  if (link.length > LONGEST || !URL.canParse(link)) return null;
  const url = new URL(link);
  const ours = url.protocol === `${APP_LINK_SCHEME}:` && url.host === 'worker' && /^\/?$/.test(url.pathname);
  if (!ours || url.hash !== '' || url.username !== '' || url.password !== '') return null;
  const keys = [...url.searchParams.keys()];
  // Given twice, one reader takes the first and another the last.
  if (new Set(keys).size !== keys.length || !keys.every((key) => KNOWN.has(key))) return null;

  const address = workerAddress(url.searchParams.get('url') ?? '');
  const token = url.searchParams.get('token') ?? '';
  if (address === null || !TOKEN.test(token)) return null;
  const name = url.searchParams.get('name')?.trim() ?? address.hostname;
  return NAME.test(name) ? { name, url: address.href.replace(/\/$/, ''), token } : null;
}

/** What a person is shown must be where the recordings go: https, a host, perhaps a path, and nothing to hide behind. */
function workerAddress(address: string): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return url.protocol === 'https:' && plain ? url : null;
}
