// Owns what a person reads while pip works: pip's lines, turned into few sentences.

/** Packages worth naming first: the ones a person may have heard of. */
const KNOWN = ['faster-whisper', 'faster_whisper'];

/** Returns a reader of pip's lines that calls `say` whenever pip is at something else. */
export function pipProgress(say: (line: string) => void): (line: string) => void {
  say('Asking the package index');
  return (line) => {
    const text = sentenceFor(line.trim());
    if (text !== null) say(text);
  };
}

/** The sentence for one line of pip's, or null when the line says nothing to a person. */
export function sentenceFor(line: string): string | null {
  const download = /^Downloading (?:\S*\/)?([A-Za-z0-9_.]+?)-\d\S*\.whl(?:\.metadata)?(?: \(([^)]+)\))?$/.exec(line);
  if (download?.[1] !== undefined) {
    if (line.includes('.metadata')) return null;
    return `Downloading ${download[1].replaceAll('_', '-')}${download[2] === undefined ? '' : ` (${download[2]})`}`;
  }
  const installing = /^Installing collected packages: (.+)$/.exec(line);
  if (installing?.[1] !== undefined) return installSentence(installing[1].split(', '));
  return null;
}

function installSentence(names: readonly string[]): string {
  const first = names.find((name) => KNOWN.includes(name)) ?? names.at(-1) ?? 'packages';
  const others = names.length - 1;
  if (others <= 0) return `Installing ${first}`;
  return `Installing ${first} and ${others} other ${others === 1 ? 'package' : 'packages'}`;
}
