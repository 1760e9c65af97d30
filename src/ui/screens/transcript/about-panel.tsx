// Owns what is known about a transcript: who made it, of what, with which settings, and what the worker remarked.

import { useMemo } from 'react';
import { DOUBTED_BELOW } from '../../../transcript/doubts.ts';
import { useAppState } from '../../app-context.ts';
import { languageName } from '../../components/options-words.ts';
import { clock } from '../../format.ts';
import { engineText, t } from '../../strings/texts.ts';
import { CarriedNote } from './carried-note.tsx';

/** The third tab. */
export function AboutPanel() {
  const machine = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.machine : null));
  const counts = useMemo(() => {
    const words = machine?.segments.flatMap((segment) => segment.words) ?? [];
    return { words: words.length, sure: words.filter(({ probability }) => probability >= DOUBTED_BELOW).length };
  }, [machine]);
  if (machine === null) return null;
  const { engine, worker, source } = machine;
  const facts = [
    [t.about.recording, source.filename],
    [t.about.duration, clock(machine.duration)],
    [t.about.language, languageName(machine.language)],
    [t.about.model, `${engine.model}, ${engine.name} ${engine.version}`],
    [t.about.device, [worker.gpu ?? engine.device, engine.computeType].join(', ')],
    [t.about.words, counts.words.toLocaleString('en')],
    [t.about.sure, counts.words === 0 ? '–' : `${Math.floor((100 * counts.sure) / counts.words)} %`],
    [t.about.made, machine.createdAt.slice(0, 16).replace('T', ' ')],
  ] as const;
  return (
    <>
      <dl className="sec aboutfacts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CarriedNote />
      <div className="sec remarks">
        <h2>{t.about.remarks}</h2>
        {machine.warnings.length === 0 && <p className="muted">{t.about.noRemarks}</p>}
        <ul>
          {machine.warnings.slice(0, 200).map(({ message, start }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: remarks have no name of their own
            <li key={index}>
              {start !== undefined && <span className="faint">{clock(start)}</span>} {engineText(message)}
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
