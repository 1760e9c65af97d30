// Owns the token of the browser: taken from the address's fragment once, kept for this tab, never shown.

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

/** Keeps a pasted token until the tab closes. A whole pasted address is understood too. */
export function keepToken(pasted: string): void {
  sessionStorage.setItem(KEY, /#token=([^&\s]+)/.exec(pasted)?.[1] ?? pasted.trim());
}

/** Forgets a token that was refused. */
export function dropToken(): void {
  sessionStorage.removeItem(KEY);
}
