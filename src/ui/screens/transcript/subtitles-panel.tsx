// Owns the layout of subtitles and what breaks its limits: how many, where in the file, which ones.

import { CUE_LAYOUTS } from '../../../contract/export-options.ts';
import { LAYOUTS, UNBOUND } from '../../../transcript/layouts.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Choice } from '../../components/field.tsx';
import { tenths } from '../../format.ts';
import { keepTranscriptPreferences } from '../../state/transcript-preferences.ts';
import { t } from '../../strings/texts.ts';
import { Cues } from './cue-list.tsx';
import { useCues } from './use-cues.ts';

const NONE = '–';

function bound(value: number): string {
  return value < UNBOUND ? String(value) : NONE;
}

/** The first tab. */
export function SubtitlesPanel() {
  const { tools } = useApp();
  const layout = useAppState((state) => state.editor.layout);
  const duration = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.machine.duration : 1));
  const { cues, broken } = useCues();
  const { limits } = LAYOUTS[layout];
  const facts = [
    [t.subtitles.limits.lines, String(limits.lines)],
    [t.subtitles.limits.shortest, tenths(limits.shortestMs / 1000)],
    [t.subtitles.limits.width, bound(limits.lineWidth)],
    [t.subtitles.limits.longest, limits.longestMs < UNBOUND ? tenths(limits.longestMs / 1000) : NONE],
    [t.subtitles.limits.speed, bound(limits.charactersPerSecond)],
    [t.subtitles.limits.gap, `${limits.gapMs} ms`],
  ] as const;
  return (
    <>
      <div className="sec">
        <Choice
          label={t.subtitles.layout}
          value={layout}
          options={CUE_LAYOUTS.map((key) => ({ key, text: t.subtitles.layouts[key] }))}
          onChange={(chosen) => {
            keepTranscriptPreferences({ layout: chosen });
            tools.editor.patch({ layout: chosen });
          }}
        />
        <dl className="limits">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <div className="sec">
        <h2>{cues === null ? t.subtitles.counting : t.subtitles.broken(broken.length, cues.length)}</h2>
        <svg className="map" viewBox="0 0 288 14" preserveAspectRatio="none" role="img" aria-label={t.subtitles.map}>
          <path d="M0 12.500H288" className="base" />
          {broken.slice(0, 500).map(({ number, startMs }) => (
            <path
              key={number}
              d={`M${((288 * startMs) / 1000 / Math.max(duration, 1)).toFixed(1)} 2v10`}
              className="mark"
            />
          ))}
        </svg>
      </div>
      <Cues cues={broken} label={t.subtitles.title} />
    </>
  );
}
