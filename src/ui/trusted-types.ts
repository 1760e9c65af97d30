// Owns the page's one policy of Trusted Types: a worker may be started from the page's own built scripts, and nothing else that is text may
// become script or markup. The Content Security Policy allows no second policy (src/contract/page-files.ts).

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string | null }): unknown;
}

/** The address, if it is one of the page's own built scripts; else null. */
export function ownScript(address: string, base: string): string | null {
  if (!URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  const assets = new URL('assets/', base);
  return url.protocol === assets.protocol && url.host === assets.host && url.pathname.startsWith(assets.pathname)
    ? url.href
    : null;
}

// Not every browser has it; where it is missing the rest of the policy still holds.
const { trustedTypes } = window as Window & { readonly trustedTypes?: PolicyFactory };
trustedTypes?.createPolicy('default', {
  // While it is developed the page comes in single modules from a server of its own, which sends no policy.
  createScriptURL: (url) => (import.meta.env.DEV ? url : ownScript(url, document.baseURI)),
});
