// Owns the words of a line as they are read: each can be played, doubted, new, found. The word that is being said is marked from outside
// (see spoken-word.ts), because it changes many times a second.

import { Fragment, memo, useMemo } from 'react';
import type { EditedSegment } from '../../../contract/edits.ts';
import { changesOf } from '../../../transcript/changes.ts';
import { DOUBTED_BELOW } from '../../../transcript/doubts.ts';
import { wordsOf } from '../../../transcript/piece.ts';

interface LineTextProps {
  readonly segment: EditedSegment;
  /** The word at which the keyboard is; null for none. */
  readonly word: number | null;
  /** Stretches of the text that were found (UTF-16), the current one first if it is here. */
  readonly hits: readonly { readonly from: number; readonly to: number; readonly current: boolean }[] | null;
}

/** One paragraph. */
export const LineText = memo(function LineText({ segment, word, hits }: LineTextProps) {
  const words = useMemo(() => wordsOf(segment), [segment]);
  const { fresh } = useMemo(() => changesOf(segment), [segment]);
  let at = 0;
  return (
    <p>
      {words.map((each, index) => {
        const text = each.word.trim();
        const spaced = /^\s/u.test(each.word);
        const from = at + each.word.length - each.word.trimStart().length;
        at += each.word.length;
        const doubted =
          'probability' in each &&
          Number(each.probability) < DOUBTED_BELOW &&
          !segment.checked &&
          /[\p{L}\p{N}]/u.test(text);
        const hit = hits?.find((place) => place.from < from + text.length && from < place.to);
        const classes = [
          'w',
          doubted ? 'low' : '',
          fresh.has(index) ? 'fresh' : '',
          index === word ? 'here' : '',
          hit === undefined ? '' : hit.current ? 'hit at' : 'hit',
        ];
        return (
          // Words have no name of their own; a line that changes is drawn anew.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <Fragment key={index}>
            {spaced && index > 0 && ' '}
            <span className={classes.filter((name) => name !== '').join(' ')} data-w={index}>
              {text}
            </span>
          </Fragment>
        );
      })}
    </p>
  );
});
