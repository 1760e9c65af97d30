// Owns the list of subtitles: all of them in the middle, those that break a limit beside the text.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { CheckedCue } from '../../state/cue-sheet.ts';
import { t } from '../../strings/texts.ts';
import { CueItem } from './cue-item.tsx';
import { useCues } from './use-cues.ts';

/** Every subtitle of the recording. */
export function CueList() {
  const { cues } = useCues();
  if (cues === null) return <p className="hold">{t.subtitles.counting}</p>;
  return <Cues cues={cues} label={t.transcript.modes.subtitles} wide />;
}

/** Only those in sight are drawn. */
export function Cues({ cues, label, wide = false }: { cues: readonly CheckedCue[]; label: string; wide?: boolean }) {
  const scroller = useRef<HTMLElement>(null);
  const list = useVirtualizer({
    count: cues.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 72,
    overscan: 8,
    useFlushSync: false,
  });
  return (
    <section
      className={wide ? 'cues wide' : 'cues'}
      ref={scroller}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long list scrolls by the keyboard only where it can have the focus
      tabIndex={0}
    >
      <ol className="tall" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((place) => {
          const cue = cues[place.index];
          return (
            cue !== undefined && (
              <li
                key={place.key}
                className="place"
                data-index={place.index}
                ref={list.measureElement}
                style={{ transform: `translateY(${place.start}px)` }}
              >
                <CueItem cue={cue} />
              </li>
            )
          );
        })}
      </ol>
    </section>
  );
}
