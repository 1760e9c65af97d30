// Owns one line of the transcript: when, who, what; what the machine wrote before; what could not be saved.

import { memo, useMemo, useRef } from 'react';
import type { EditedSegment } from '../../../contract/edits.ts';
import { changesOf } from '../../../transcript/changes.ts';
import type { Doubt } from '../../../transcript/doubts.ts';
import { useApp } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { clock } from '../../format.ts';
import { engineText, t } from '../../strings/texts.ts';
import { LineEditor } from './line-editor.tsx';
import { LineText } from './line-text.tsx';
import { SpeakerPopover } from './speaker-popover.tsx';

export interface LineRowProps {
  readonly segment: EditedSegment;
  /** Another one speaks than before: the name is written. */
  readonly turn: boolean;
  readonly name: string | null;
  readonly color: number;
  readonly current: boolean;
  readonly word: number | null;
  readonly writing: boolean;
  readonly naming: boolean;
  readonly hits: React.ComponentProps<typeof LineText>['hits'];
  readonly unsaved: string | null;
  /** What is to be doubted where the keyboard is. */
  readonly doubt: Doubt | null;
  /** Whether the transcript has any speakers: without, there is no column for them. */
  readonly voiced: boolean;
}

/** The content of a row. */
export const LineRow = memo(function LineRow(props: LineRowProps) {
  const { segment, turn, name, color, current, word, writing, naming, hits, unsaved, voiced, doubt } = props;
  const { tools } = useApp();
  const button = useRef<HTMLButtonElement>(null);
  const { was } = useMemo(() => changesOf(segment), [segment]);
  const time = clock(segment.start);
  const unsure = segment.speakerUncertain === true && !segment.edited && !segment.checked;
  const shown = name ?? t.transcript.noSpeaker;
  return (
    <>
      <time>{time}</time>
      {voiced && (
        <button
          ref={button}
          type="button"
          className={`who sp-${color}${turn || name === null || unsure ? '' : ' same'}${unsure ? ' unsure' : ''}`}
          aria-label={unsure ? t.transcript.speakerUnsure(shown) : t.transcript.speakerButton(shown)}
          {...(unsure ? { title: t.transcript.doubts.speaker } : {})}
          // One tab stop in the whole list: the others have the key.
          tabIndex={current ? 0 : -1}
          onClick={() => tools.editor.patch({ current: segment.key, speakerOf: segment.key })}
        >
          {(turn || current || name === null || unsure) && (
            <>
              <i className="sq" />
              <span className="cut">{shown}</span>
            </>
          )}
        </button>
      )}
      <div className="said-here">
        {writing ? <LineEditor time={time} /> : <LineText segment={segment} word={word} hits={hits} />}
        {was.length > 0 && !writing && (
          <div className="was">
            {t.transcript.machine}{' '}
            {was.map((text, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no name of their own
              <s key={index}>{text}</s>
            ))}
          </div>
        )}
        {doubt !== null && (
          <div className="was doubt">
            <Icon name="warn" />
            <span>
              {t.transcript.doubts[doubt.kind]}
              {doubt.kind !== 'word' && doubt.kind !== 'speaker' && `: ${engineText(doubt.text)}`}
            </span>
          </div>
        )}
        {segment.checked && current && (
          <div className="was">
            <Icon name="check" /> {t.transcript.marked}
          </div>
        )}
        {unsaved !== null && (
          <div className="unsaved" role="alert">
            <span>
              <b>{t.transcript.notSaved}</b> {unsaved}
            </span>
            <Button
              small
              onPress={() => void tools.session.edit({ type: 'set-text', segment: segment.key, text: unsaved })}
            >
              {t.transcript.putIn}
            </Button>
            <Button small look="quiet" onPress={() => tools.session.dropUnsaved(segment.key)}>
              {t.transcript.drop}
            </Button>
          </div>
        )}
      </div>
      {naming && <SpeakerPopover anchor={button} segment={segment} />}
    </>
  );
});
