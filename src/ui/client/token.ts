// Owns the token of the browser: taken from the address's fragment once, kept for this tab, never shown.

import { PAGE_TOKEN_PATH, pageTokenSchema } from '../../contract/page-code.ts';

const KEY = 'bulk-transcribe-token';

/** The token for this tab, or null. A token in the address is moved out of it, so that it is in no history and no screenshot. */
export function takeToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null && given !== '') {
    keepToken(given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY);
}

/**
 * Gives the code in the address for the token, where the page was opened with one. A code that is not good any more leaves what is there.
 * @param baseUrl of the engine, ends in a slash
 */
export async function tradeCode(baseUrl: string): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  const answer = await fetch(baseUrl + PAGE_TOKEN_PATH.slice(1), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  }).catch(() => null);
  const given = pageTokenSchema.safeParse(answer?.ok === true ? await answer.json().catch(() => null) : null);
  if (given.success) keepToken(given.data.token);
}

/** Keeps a pasted token until the tab closes. A whole pasted address is understood too. */
export function keepToken(pasted: string): void {
  sessionStorage.setItem(KEY, /#token=([^&\s]+)/.exec(pasted)?.[1] ?? pasted.trim());
}

/** Forgets a token that was refused. */
export function dropToken(): void {
  sessionStorage.removeItem(KEY);
}
