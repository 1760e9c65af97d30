// Owns one subtitle as it will be shown: times, lines with their lengths, the limit that it breaks, and what can be done about it.

import { tightened } from '../../../transcript/fillers.ts';
import { LAYOUTS } from '../../../transcript/layouts.ts';
import { widthOf } from '../../../transcript/line-break.ts';
import { oneLine } from '../../../transcript/spoken.ts';
import { segmentNear } from '../../../transcript/word-clock.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { clock } from '../../format.ts';
import type { CheckedCue } from '../../state/cue-sheet.ts';
import { t } from '../../strings/texts.ts';

/** `42:07.12` */
function precise(ms: number): string {
  return `${clock(ms / 1000)}.${String(Math.floor((ms % 1000) / 10)).padStart(2, '0')}`;
}

/** The measure that breaks a limit, in words. */
function faultOf({ faults }: CheckedCue): string | null {
  const [fault] = faults;
  if (fault === undefined) return null;
  switch (fault.kind) {
    case 'speed':
      return t.subtitles.faults.speed(fault.charactersPerSecond);
    case 'width':
      return t.subtitles.faults.width(fault.columns);
    case 'lines':
      return t.subtitles.faults.lines(fault.lines);
    case 'short':
      return t.subtitles.faults.short(fault.ms);
    case 'long':
      return t.subtitles.faults.long(fault.ms);
  }
}

/** A press goes to its place in the sound and the text. */
export function CueItem({ cue }: { cue: CheckedCue }) {
  const { tools } = useApp();
  const limits = useAppState((state) => LAYOUTS[state.editor.layout].limits);
  const segment = useAppState((state) => {
    const view = tools.reading.view(state);
    return view?.segments[segmentNear(view.segments, cue.startMs / 1000)] ?? null;
  });
  const current = useAppState((state) => segment !== null && state.editor.current === segment.key);
  const language = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.machine.language : ''));
  const fault = faultOf(cue);
  const shorter = fault === null || segment === null ? null : tightened(segment.text, language);
  const whole = segment !== null && oneLine(segment.text) === cue.lines.join(' ');
  return (
    <div className={current ? 'cue sel' : 'cue'}>
      <button
        type="button"
        className="h"
        onClick={() => {
          if (segment !== null) tools.editor.select(segment.key);
          tools.player.seek(cue.startMs / 1000);
        }}
      >
        <span>{cue.number}</span>
        <span>
          {precise(cue.startMs)} – {precise(cue.endMs)}
        </span>
        {fault !== null && <span className="m">{fault}</span>}
      </button>
      {cue.lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name of their own
        <div className="ln" key={index}>
          <span>
            {line.slice(0, limits.lineWidth)}
            {line.length > limits.lineWidth && <mark>{line.slice(limits.lineWidth)}</mark>}
          </span>
          <span className="cnt">{widthOf(line)}</span>
        </div>
      ))}
      {fault !== null && segment !== null && (
        <div className="acts">
          <Button
            small
            onPress={() => {
              tools.editor.patch({ mode: 'read', sideOpen: false });
              tools.player.seek(cue.startMs / 1000);
              tools.editor.write(segment.key);
            }}
          >
            {t.subtitles.edit}
          </Button>
          {shorter !== null && (
            <Button
              small
              look="quiet"
              onPress={() => void tools.session.edit({ type: 'set-text', segment: segment.key, text: shorter.text })}
            >
              {t.subtitles.tighten(shorter.dropped.join(', '))}
            </Button>
          )}
          {shorter === null && whole && cue.faults.some(({ kind }) => kind === 'short') && (
            <Button small look="quiet" onPress={() => void tools.editor.remove(segment.key)}>
              {t.subtitles.leaveOut}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
