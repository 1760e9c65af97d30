// Owns the machine's text and a person's side by side, line by line.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { changesOf } from '../../../transcript/changes.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Tick } from '../../components/field.tsx';
import { clock } from '../../format.ts';
import { t } from '../../strings/texts.ts';
import { useLinePointer } from './line-pointer.ts';
import { LineText } from './line-text.tsx';

/** Everything, or only what was changed. */
export function CompareList() {
  const { tools } = useApp();
  const view = useAppState(tools.reading.view);
  const [onlyChanged, setOnlyChanged] = useState(true);
  const scroller = useRef<HTMLElement>(null);
  const pointer = useLinePointer();
  const lines = useMemo(() => {
    const all = [
      ...(view?.segments ?? []).map((segment) => ({ segment, gone: false })),
      ...(view?.deleted ?? []).map((segment) => ({ segment, gone: true })),
    ].sort((one, other) => one.segment.start - other.segment.start);
    return onlyChanged ? all.filter(({ segment, gone }) => segment.edited || gone) : all;
  }, [view, onlyChanged]);
  const list = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 62,
    getItemKey: (index) => lines[index]?.segment.key ?? index,
    overscan: 12,
    useFlushSync: false,
  });
  return (
    <>
      <div className="comparehead">
        <span />
        <span>{t.compare.machine}</span>
        <span>
          {t.compare.person}
          <Tick label={t.compare.onlyChanged} on={onlyChanged} onChange={setOnlyChanged} />
        </span>
      </div>
      <section
        className="turns compare"
        ref={scroller}
        aria-label={t.transcript.modes.compare}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls by the keyboard only where it can have the focus
        tabIndex={0}
        {...pointer}
      >
        {lines.length === 0 && <p className="hold">{t.compare.nothing}</p>}
        <ol className="tall" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((place) => {
            const line = lines[place.index];
            if (line === undefined) return null;
            const { segment, gone } = line;
            const was = new Set(changesOf(segment).was);
            return (
              <li
                key={place.key}
                className="turn place"
                data-index={place.index}
                data-key={gone ? undefined : segment.key}
                ref={list.measureElement}
                style={{ transform: `translateY(${place.start}px)` }}
              >
                <time>{clock(segment.start)}</time>
                <p className="machine">{marked((segment.original ?? segment.text).trim(), was)}</p>
                {gone ? (
                  <p className="gone">{t.transcript.deleted}</p>
                ) : (
                  <LineText segment={segment} word={null} hits={null} />
                )}
              </li>
            );
          })}
        </ol>
      </section>
    </>
  );
}

/** The machine's text with what was taken out of it struck. */
function marked(text: string, was: ReadonlySet<string>): React.ReactNode {
  const parts: React.ReactNode[] = [];
  let rest = text;
  for (const gone of was) {
    const at = rest.indexOf(gone);
    if (at < 0) continue;
    parts.push(rest.slice(0, at), <s key={parts.length}>{gone}</s>);
    rest = rest.slice(at + gone.length);
  }
  return [...parts, rest];
}
