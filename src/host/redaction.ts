// Owns striking secrets out of text: by their value where they are known, and by their shape wherever they come from.

/** Fields of JSON whose value is a secret. */
const FIELDS = 'authorization|token|apiKey|api_key|password|secret|cookie|hfToken|x-api-key';

/**
 * Shapes of secrets, wherever they stand in a line: signed links, bearer tokens, keys of RunPod and Hugging Face, tokens that are three parts
 * of base64, names and passwords in addresses, fields and variables that are named so. A field may stand in JSON within JSON. None is looked for
 * again from within itself: lines hold what workers and programs said.
 */
const SHAPES = [
  /([?&](?:sig|key|grant|token|api_key|access_token)=)[^&\s"'\\]+/gi,
  /(Bearer\s+)[\w.~+/=-]+/gi,
  // A word in sentences as well: what follows it there is mostly short.
  /(Basic\s+)[\w.~+/=-]{6,}/gi,
  /(\b[a-z][a-z0-9+.-]{0,40}:\/\/)[^\s/@:"'\\]*:[^\s/@"'\\]*(?=@)/gi,
  /(\b[A-Z][A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|API_KEY|SECRET_KEY)=)[^\s"'\\&]+/g,
  /(--(?:token|api-key|password)[ =])[^\s"'\\]+/g,
  /(?<![\w-])(?=[\w-]+\.[\w-]+\.[\w-])((?:[\w-]*-)?eyJ)[\w-]{8,}\.[\w-]+\.[\w-]+/g,
  /\b(rpa_|hf_)\w{8,}/g,
  new RegExp(`("(?:${FIELDS})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)+`, 'gi'),
  new RegExp(`((?<!\\\\)\\\\+"(?:${FIELDS})\\\\+"\\s*:\\s*\\\\+")[^"\\\\]+`, 'gi'),
] as const;

/** Shorter values are words that stand in every other line. */
const SHORTEST = 8;
const GONE = '[removed]';

/** The text without anything that looks like a secret. */
export function redactShapes(text: string): string {
  return SHAPES.reduce((clean, shape) => clean.replace(shape, `$1${GONE}`), text);
}

/** Knows the secrets of this engine, and keeps them out of what it writes for eyes. */
export class Redaction {
  /** Every form in which a value may stand in a line, the longest first. */
  #forms: readonly string[] = [];

  /** Keeps this value out from now on. Null and what is too short to be a secret are passed over. */
  hide(value: string | null | undefined): void {
    const text = value?.trim() ?? '';
    if (text.length < SHORTEST) return;
    const forms = [
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text.toWellFormed()),
      Buffer.from(text).toString('base64'),
    ];
    this.#forms = [...new Set([...this.#forms, ...forms])].sort((a, b) => b.length - a.length);
  }

  /** Hides the values of all variables whose name says that they are secret. */
  hideEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(env)) if (/TOKEN|SECRET|PASSWORD|API_KEY/i.test(name)) this.hide(value);
  }

  clean(text: string): string {
    return redactShapes(this.#forms.reduce((clean, form) => clean.replaceAll(form, GONE), text));
  }
}
