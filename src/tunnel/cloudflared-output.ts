// Owns reading what cloudflared prints: its address, its connections, its complaints. It says more than is read here, and every unknown
// line is passed over.

export type CloudflaredLine =
  /** The address of a quick tunnel. */
  | { readonly kind: 'address'; readonly baseUrl: string }
  /** One of its connections to Cloudflare, by its index, is there or gone. */
  | { readonly kind: 'connected' | 'disconnected'; readonly connection: number }
  | { readonly kind: 'complaint'; readonly message: string };

const MESSAGE_LENGTH = 200;

/** Null for a line that says nothing that matters here. */
export function readCloudflaredLine(line: string): CloudflaredLine | null {
  const connection = Number(/\bconnIndex=(\d{1,3})\b/.exec(line)?.[1] ?? 0);
  if (/\bUnregistered tunnel connection\b|\bConnection terminated\b|\bLost connection with the edge\b/i.test(line))
    return { kind: 'disconnected', connection };
  if (/\bRegistered tunnel connection\b/.test(line)) return { kind: 'connected', connection };
  // It stands alone in a box of the log; the host of Cloudflare's own interface, which complaints quote, is none.
  const host = /(?:^|\s)https:\/\/((?!api\.)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.trycloudflare\.com)(?=[\s|]|$)/.exec(
    line,
  )?.[1];
  if (host !== undefined) return { kind: 'address', baseUrl: `https://${host}` };
  const complaint = /(?:^|\s)(?:ERR|FTL)\s+(\S.*)$/.exec(line)?.[1] ?? /^(failed to .*|error .*)$/i.exec(line)?.[1];
  if (complaint === undefined || /configuration file .* was empty/i.test(complaint)) return null;
  return { kind: 'complaint', message: complaint.trim().slice(0, MESSAGE_LENGTH) };
}
