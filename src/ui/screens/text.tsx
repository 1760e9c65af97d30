// Owns the reader of a finished recording: its segments with times and speakers, copy, export. Only read; nothing is changed here.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { type ErrorAdvice, toAppError } from '../../contract/errors.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../contract/options.ts';
import type { Segment, Transcript } from '../../contract/transcript.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button, IconButton } from '../components/button.tsx';
import { languageName } from '../components/options-words.ts';
import { clock } from '../format.ts';
import { explain, t } from '../strings/texts.ts';

type Answer =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly transcript: Transcript }
  | { readonly kind: 'refused'; readonly advice: ErrorAdvice };

/** One recording's text. */
export function TextScreen({ jobId }: { jobId: string }) {
  const { commands } = useApp();
  const [answer, setAnswer] = useState<Answer>({ kind: 'loading' });
  useEffect(() => {
    let left = false;
    commands.transcript(jobId).then(
      (transcript) => !left && setAnswer({ kind: 'here', transcript }),
      (thrown: unknown) => !left && setAnswer({ kind: 'refused', advice: explain(toAppError(thrown).report()) }),
    );
    return () => {
      left = true;
    };
  }, [commands, jobId]);

  if (answer.kind === 'loading') return <p className="hold">{t.text.loading}</p>;
  if (answer.kind === 'refused') {
    const { what, lost, todo } = answer.advice;
    return (
      <p className="hold" role="alert">
        {what} {lost} {todo}
      </p>
    );
  }
  return (
    <>
      <TextBar jobId={jobId} transcript={answer.transcript} />
      {answer.transcript.segments.length === 0 ? (
        <p className="hold">{t.text.empty}</p>
      ) : (
        <Turns transcript={answer.transcript} />
      )}
    </>
  );
}

function TextBar({ jobId, transcript }: { jobId: string; transcript: Transcript }) {
  const { store } = useApp();
  const worker = useAppState((state) => state.jobs.get(jobId)?.workerName ?? null);
  const speakers = Object.keys(transcript.speakers).length;
  const facts = [
    clock(transcript.duration),
    t.text.facts({
      segments: transcript.segments.length,
      language: languageName(transcript.language),
      model: transcript.engine.model,
    }),
    speakers > 0 ? t.text.speakers(speakers) : null,
    worker === null ? null : t.text.madeBy(worker),
    transcript.warnings.length > 0 ? t.text.warnings(transcript.warnings.length) : null,
  ];
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(transcript.segments.map((segment) => segment.text.trim()).join('\n'));
    store.setState({ announcement: t.actions.copied });
  };
  return (
    <div className="bar">
      <span className="muted cut grow">{facts.filter((fact) => fact !== null).join(', ')}</span>
      <Button icon="copy" onPress={() => void copy()}>
        {t.actions.copy}
      </Button>
      <Exports jobId={jobId} />
    </div>
  );
}

/** The formats that most people want have a button of their own; the others are one press away. */
const COMMON: readonly ExportFormat[] = ['srt', 'vtt', 'txt', 'docx'];

function Exports({ jobId }: { jobId: string }) {
  const { commands } = useApp();
  const save = (format: ExportFormat): void => void commands.download(jobId, format);
  return (
    <fieldset className="exports" aria-label={t.actions.exportAs}>
      {COMMON.map((format) => (
        <Button key={format} aria-label={t.queue.openOutput(t.formats[format])} onPress={() => save(format)}>
          {t.formats[format]}
        </Button>
      ))}
      <MenuTrigger>
        <IconButton icon="more" name={t.actions.otherFormats} small={false} />
        <Popover className="menu" placement="bottom end" offset={4}>
          <Menu aria-label={t.actions.otherFormats}>
            {EXPORT_FORMATS.filter((format) => !COMMON.includes(format)).map((format) => (
              <MenuItem key={format} className="option" textValue={t.formats[format]} onAction={() => save(format)}>
                {t.queue.openOutput(t.formats[format])}
              </MenuItem>
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
    </fieldset>
  );
}

/** Speakers take their colours in the order of their first words. */
function coloursOf(segments: readonly Segment[]): ReadonlyMap<string, number> {
  const colours = new Map<string, number>();
  for (const { speaker } of segments) {
    if (speaker !== undefined && !colours.has(speaker)) colours.set(speaker, (colours.size % 8) + 1);
  }
  return colours;
}

function Turns({ transcript }: { transcript: Transcript }) {
  const { segments, speakers } = transcript;
  const scroller = useRef<HTMLElement>(null);
  const [colours] = useState(() => coloursOf(segments));
  const list = useVirtualizer({
    count: segments.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 36,
    overscan: 20,
  });
  return (
    // A long text scrolls by the keyboard only where it can have the focus.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className="turns" ref={scroller} tabIndex={0} aria-label={t.text.segments}>
      <ol className="tall" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((place) => {
          const segment = segments[place.index];
          if (segment === undefined) return null;
          const { speaker } = segment;
          const same = speaker === undefined || segments[place.index - 1]?.speaker === speaker;
          return (
            <li
              key={place.key}
              className="turn place"
              data-index={place.index}
              ref={list.measureElement}
              style={{ transform: `translateY(${place.start}px)` }}
            >
              <time>{clock(segment.start)}</time>
              {colours.size > 0 && (
                <span className={`who sp-${speaker === undefined ? 0 : (colours.get(speaker) ?? 0)}`}>
                  {!same && speaker !== undefined && (speakers[speaker]?.name ?? t.text.unnamed(speaker))}
                </span>
              )}
              <p>{segment.text.trim()}</p>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
