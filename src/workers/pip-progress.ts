// Owns what a person reads while pip works: pip's lines, turned into few sentences.

import { type Sentence, say } from '../contract/sentences.ts';

/** Packages worth naming first: the ones a person may have heard of. */
const KNOWN = ['faster-whisper', 'faster_whisper'];

/** Returns a reader of pip's lines that calls `tell` whenever pip is at something else. */
export function pipProgress(tell: (line: string) => void): (line: string) => void {
  tell(say('setup_asks'));
  return (line) => {
    const text = sentenceFor(line.trim());
    if (text !== null) tell(text);
  };
}

/** The sentence for one line of pip's, or null when the line says nothing to a person. */
export function sentenceFor(line: string): string | null {
  const download = /^Downloading (?:\S*\/)?([A-Za-z0-9_.]+?)-\d\S*\.whl(?:\.metadata)?(?: \(([^)]+)\))?$/.exec(line);
  if (download?.[1] !== undefined) {
    if (line.includes('.metadata')) return null;
    const name = download[1].replaceAll('_', '-');
    return download[2] === undefined
      ? say('setup_downloads', { name })
      : say('setup_downloads_size', { name, size: download[2] });
  }
  const installing = /^Installing collected packages: (.+)$/.exec(line);
  if (installing?.[1] !== undefined) return installSentence(installing[1].split(', '));
  return null;
}

function installSentence(names: readonly string[]): Sentence {
  const name = names.find((name) => KNOWN.includes(name)) ?? names.at(-1) ?? 'packages';
  const others = names.length - 1;
  if (others <= 0) return say('setup_installs', { name });
  return others === 1 ? say('setup_installs_two', { name }) : say('setup_installs_many', { name, count: others });
}
