// Owns how the built page is handed out, the same by the local server and by the app's private scheme: which paths name a file, of
// which type it is, and with which security headers it goes. Pure; whoever reads the disk checks the real path as well.

/**
 * The page may load its own scripts, styles, pictures and sounds, ask its own origin, and nothing else. Text never becomes markup or
 * script: the sinks that would make it so take only what the page's one policy lets through (src/ui/trusted-types.ts).
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

/** For every answer, page or not. */
export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  webp: 'image/webp',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
  txt: 'text/plain; charset=utf-8',
};

/** The headers of one file of the page. Files under `assets/` carry a digest in their name and never change. */
export function pageHeaders(segments: readonly string[]): Record<string, string> {
  const last = segments.at(-1) ?? '';
  const ending = last.includes('.') ? last.slice(last.lastIndexOf('.') + 1).toLowerCase() : '';
  const type = Object.hasOwn(MEDIA_TYPES, ending) ? MEDIA_TYPES[ending] : undefined;
  return {
    ...SECURITY_HEADERS,
    // Also on what is not HTML: an SVG opened by itself is a document too.
    'Content-Security-Policy': PAGE_POLICY,
    'Content-Type': type ?? 'application/octet-stream',
    'Cache-Control': segments[0] === 'assets' ? 'public, max-age=31536000, immutable' : 'no-store',
  };
}

/** Letters that would name a device, a stream, a drive or a step elsewhere on one of the systems we run on. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN = /[\u0000-\u001f\u007f\\:*?"<>|]/;

/**
 * The file that a request's path (percent-encoded, without query) names, as segments below the page's folder; `/` is `index.html`.
 * Null for everything that is not plainly the name of a file: empty and dot segments, hidden files, backslashes, broken encoding.
 */
export function pageFile(path: string): readonly string[] | null {
  if (path === '/') return ['index.html'];
  if (!path.startsWith('/') || path.length > 1024) return null;
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  // Still encoded after one decoding: somebody hopes for a second one.
  if (decoded.includes('%') || FORBIDDEN.test(decoded)) return null;
  const segments = decoded.slice(1).split('/');
  return segments.every((segment) => segment !== '' && !segment.startsWith('.') && !/[. ]$/.test(segment))
    ? segments
    : null;
}
