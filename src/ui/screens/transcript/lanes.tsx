// Owns the lanes under the waveform: for each speaker, where in the window they speak.

import { useApp, useAppState } from '../../app-context.ts';
import { t } from '../../strings/texts.ts';

const WIDTH = 1000;

/** One lane a speaker; more than four scroll. */
export function Lanes({ from, length }: { from: number; length: number }) {
  const { tools } = useApp();
  const voices = useAppState(tools.reading.voices);
  const lanes = useAppState(tools.reading.lanes);
  const current = useAppState((state) => {
    const { editor } = state;
    const index = tools.reading.indexes(state).get(editor.current ?? '') ?? -1;
    return tools.reading.view(state)?.segments[index]?.speaker ?? null;
  });
  const heard = voices.filter(({ segments }) => segments > 0);
  if (heard.length === 0) return null;
  const x = (time: number): number => Math.min(WIDTH, Math.max(0, ((time - from) / length) * WIDTH));
  return (
    // Scrolls where there are many, so it can have the focus there.
    <ul className="lanes" {...(heard.length > 4 ? { tabIndex: 0, 'aria-label': t.side.tabs.speakers } : {})}>
      {heard.map(({ label, name, color }) => (
        <li key={label} className={`sp-${color}`}>
          <span className={label === current ? 'nm cur' : 'nm'}>
            <i className="sq" />
            <span className="cut">{name ?? t.transcript.unnamed(label)}</span>
          </span>
          <svg viewBox={`0 0 ${WIDTH} 12`} preserveAspectRatio="none" aria-hidden="true">
            <path d={`M0 6H${WIDTH}`} className="base" />
            {(lanes.get(label) ?? [])
              .filter(({ start, end }) => end > from && start < from + length)
              .map(({ start, end }) => (
                <rect key={start} x={x(start)} y="3" width={Math.max(1.5, x(end) - x(start))} height="6" rx="1.5" />
              ))}
          </svg>
        </li>
      ))}
    </ul>
  );
}
