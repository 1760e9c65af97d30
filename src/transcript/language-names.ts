// Owns what a language is called: some programs write English names where Whisper has codes.

/** The codes of Whisper's languages. */
const CODES = (
  'af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id is it ja jw ka kk km kn ko la lb ln ' +
  'lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo ' +
  'yue zh'
).split(' ');

/** Names that Whisper has beside those that everybody uses. */
const OTHERS: Readonly<Record<string, string>> = {
  ...{ javanese: 'jw', myanmar: 'my', nynorsk: 'nn', tagalog: 'tl', faroese: 'fo', panjabi: 'pa', letzeburgesch: 'lb' },
  ...{ flemish: 'nl', castilian: 'es', valencian: 'ca', mandarin: 'zh', moldavian: 'ro', haitian: 'ht', pushto: 'ps' },
};

let codes: ReadonlyMap<string, string> | null = null;

/** The code for a language's English name in any case; what is no such name stays as it is. */
export function languageCode(name: string): string {
  codes ??= new Map([...namesOf(CODES), ...Object.entries(OTHERS)]);
  return codes.get(name.trim().toLowerCase()) ?? name;
}

function namesOf(list: readonly string[]): readonly (readonly [string, string])[] {
  const english = new Intl.DisplayNames('en', { type: 'language' });
  return list.map((code) => [(english.of(code) ?? code).toLowerCase(), code] as const);
}
