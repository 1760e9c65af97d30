// Owns the choice of a line's speaker: a name (everywhere, from here, this line), a colour, the same as another one.

import { type RefObject, useId, useState } from 'react';
import { Dialog, Label, Popover, Radio, RadioGroup, ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { EditedSegment } from '../../../contract/edits.ts';
import { SPEAKER_COLORS, SPEAKER_SCOPES } from '../../../contract/edits.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { t } from '../../strings/texts.ts';

type Scope = (typeof SPEAKER_SCOPES)[number];

interface SpeakerPopoverProps {
  readonly anchor: RefObject<HTMLButtonElement | null>;
  readonly segment: EditedSegment;
}

/** At the speaker's name. */
export function SpeakerPopover({ anchor, segment }: SpeakerPopoverProps) {
  const { tools } = useApp();
  const close = (): void => {
    tools.editor.patch({ speakerOf: null });
    anchor.current?.closest<HTMLElement>('.turns')?.focus({ preventScroll: true });
  };
  return (
    <Popover
      className="rename"
      triggerRef={anchor}
      isOpen
      placement="bottom start"
      offset={4}
      onOpenChange={(open) => !open && close()}
    >
      <Dialog aria-label={t.speaker.title}>
        <SpeakerForm segment={segment} onDone={close} />
      </Dialog>
    </Popover>
  );
}

function SpeakerForm({ segment, onDone }: { segment: EditedSegment; onDone: () => void }) {
  const { tools } = useApp();
  const voices = useAppState(tools.reading.voices);
  const lines = useAppState((state) => tools.reading.view(state)?.segments);
  const own = voices.find(({ label }) => label === segment.speaker);
  const [name, setName] = useState(own?.name ?? '');
  const [scope, setScope] = useState<Scope>(own === undefined ? 'segment' : 'everywhere');
  const names = useId();
  const others = voices.filter(({ label }) => label !== segment.speaker);
  const here = lines?.indexOf(segment) ?? -1;
  const later = lines?.slice(Math.max(0, here)).filter(({ speaker }) => speaker === segment.speaker).length ?? 0;
  const counts: Record<Scope, number | null> = { everywhere: own?.segments ?? 0, onward: later, segment: null };
  const give = (): void => {
    if (name.trim() !== '' || own?.name !== null) void tools.editor.name(segment.key, name, scope);
    onDone();
  };
  return (
    <>
      <TextField
        label={t.speaker.name}
        value={name}
        onChange={setName}
        hint={own === undefined ? '' : t.transcript.unnamed(own.label)}
        list={names}
        autoFocus
        onEnter={give}
      />
      <datalist id={names}>
        {others.flatMap((voice) => (voice.name === null ? [] : [<option key={voice.label} value={voice.name} />]))}
      </datalist>
      <ToggleButtonGroup
        className="seg"
        aria-label={t.speaker.scope}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[scope]}
        onSelectionChange={(keys) => setScope(SPEAKER_SCOPES.find((each) => keys.has(each)) ?? scope)}
      >
        {(['everywhere', 'onward', 'segment'] as const).map((each) => (
          <ToggleButton key={each} id={each}>
            {t.speaker.scopes[each]}
            {counts[each] !== null && <span className="n">{counts[each]}</span>}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {own !== undefined && (
        <RadioGroup
          className="swatches"
          orientation="horizontal"
          aria-label={t.speaker.color}
          value={String(own.color)}
          onChange={(color) =>
            void tools.session.edit({ type: 'color-speaker', speaker: own.label, color: Number(color) })
          }
        >
          {Array.from({ length: SPEAKER_COLORS }, (_, index) => (
            <Radio
              key={String(index + 1)}
              value={String(index + 1)}
              className={`swatch sp-${index + 1}`}
              aria-label={t.speaker.colorOf(index + 1)}
            />
          ))}
        </RadioGroup>
      )}
      {others.length > 0 && (
        <div className="same">
          <Label>{t.speaker.others}</Label>
          <div className="people">
            {others.map((voice) => (
              <Button
                key={voice.label}
                small
                onPress={() => {
                  const { label } = voice;
                  if (own === undefined || scope !== 'everywhere') void tools.editor.assign(segment.key, label, scope);
                  else void tools.session.edit({ type: 'merge-speakers', from: own.label, into: label });
                  onDone();
                }}
              >
                <i className={`sq sp-${voice.color}`} />
                {voice.name ?? t.transcript.unnamed(voice.label)}
              </Button>
            ))}
          </div>
        </div>
      )}
      <div className="acts">
        <span className="grow" />
        <Button small onPress={onDone}>
          {t.actions.cancel}
        </Button>
        <Button small look="primary" onPress={give}>
          {t.speaker.rename}
        </Button>
      </div>
    </>
  );
}
