// Owns the list of speakers: name, colour, how much each says; going to a speaker's next line.

import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { KeptField } from '../../components/field.tsx';
import { span } from '../../format.ts';
import { t } from '../../strings/texts.ts';

/** The second tab. */
export function SpeakersPanel() {
  const { tools, store } = useApp();
  const voices = useAppState(tools.reading.voices);
  if (voices.length === 0) return <p className="sec muted">{t.speaker.none}</p>;
  const next = (label: string): void => {
    const state = store.getState();
    const segments = tools.reading.view(state)?.segments ?? [];
    const at = tools.reading.indexes(state).get(state.editor.current ?? '') ?? -1;
    const found = segments.slice(at + 1).find(({ speaker }) => speaker === label);
    const line = found ?? segments.find(({ speaker }) => speaker === label);
    if (line === undefined) return;
    tools.editor.patch({ mode: 'read', follow: false });
    tools.editor.select(line.key);
    tools.player.seek(line.start);
  };
  return (
    <ul className="voices">
      {voices.map(({ label, name, color, segments, seconds }, index) => (
        <li key={label}>
          <i className={`sq sp-${color}`} />
          <KeptField
            label={t.transcript.unnamed(label)}
            value={name ?? ''}
            hint={t.speaker.name}
            onKeep={(given) =>
              void tools.session.edit({
                type: 'rename-speaker',
                speaker: label,
                name: given.trim() === '' ? null : given,
              })
            }
          />
          <kbd>{index < 8 ? index + 1 : ''}</kbd>
          <span className="faint">
            {t.speaker.lines(segments)}
            {seconds > 0 && `, ${span(seconds)}`}
          </span>
          {segments > 0 && (
            <Button small look="quiet" onPress={() => next(label)}>
              {t.transcript.next}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
