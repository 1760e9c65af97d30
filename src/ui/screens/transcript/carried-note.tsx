// Owns the word about corrections of an earlier transcript of the recording: how many were taken over, and those that have no place in this one.

import { useState } from 'react';
import type { NotCarried } from '../../../contract/carried.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { clock, moment } from '../../format.ts';
import { t } from '../../strings/texts.ts';

/** Corrections that are listed; more would be looked up in the earlier transcript. */
const LISTED = 500;

/** At the foot of the text of a recording that was transcribed again, until it is looked at or something is corrected here. */
export function CarriedLine() {
  const { tools } = useApp();
  const [seen, setSeen] = useState<string | null>(null);
  const open = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript : null));
  if (open === null || open.carried === null || seen === open.jobId) return null;
  const { placed, left } = open.carried;
  // Corrected since: who works here has seen it.
  if (placed + left.length === 0 || open.done.some(({ at }) => at > (open.done[0]?.at ?? at))) return null;
  return (
    <div className="offer" role="status">
      <span className="cut">{t.carried.line(placed, left.length)}</span>
      <Button
        small
        onPress={() => {
          setSeen(open.jobId);
          tools.editor.patch({ side: 'about', sideOpen: true });
        }}
      >
        {t.carried.show}
      </Button>
    </div>
  );
}

/** Part of what is known about a transcript; nothing where it is the first of its recording. */
export function CarriedNote() {
  const { now } = useApp();
  const carried = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.carried : null));
  if (carried === null) return null;
  const { from, placed, left } = carried;
  return (
    <div className="sec remarks">
      <h2>{t.carried.title}</h2>
      <p>{t.carried.placed(placed, from.name, moment(from.finishedAt, now()))}</p>
      {left.length > 0 && (
        <>
          <p className="warn">{t.carried.left(left.length)}</p>
          <ul>
            {left.slice(0, LISTED).map((each, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no name of their own
              <li key={index}>
                {each.what !== 'name' && <span className="faint">{clock(each.start)}</span>} {inWords(each)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function inWords({ what, text, original }: NotCarried): string {
  switch (what) {
    case 'text':
      return original === '' ? t.carried.added(text) : t.carried.text(original, text);
    case 'deleted':
      return t.carried.deleted(original);
    case 'speaker':
      return t.carried.speaker(original, text);
    case 'name':
      return t.carried.name(original, text);
  }
}
