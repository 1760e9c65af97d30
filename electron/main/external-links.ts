// Owns which addresses may be opened outside the app: a short list, https only. Pure.

/** The project, and the two services whose accounts a user of it needs. */
const HOSTS: ReadonlySet<string> = new Set([
  'github.com',
  'huggingface.co',
  'console.runpod.io',
  'docs.runpod.io',
  'www.runpod.io',
]);

/** The address as it may be handed to the system, in the browser's own spelling; null when it may not. */
export function externalLink(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return plain && HOSTS.has(url.hostname) ? url.href : null;
}
