// Owns the terms under which GPUs are rented: image, end when idle, caps, patience. They are the settings of all pods, kept when they are left.

import { digestOf, type PodSettings } from '../../../contract/pod-settings.ts';
import { useApp } from '../../app-context.ts';
import { Choice, KeptField } from '../../components/field.tsx';
import { shortHash } from '../../format.ts';
import { t } from '../../strings/texts.ts';
import { isHeld } from '../settings-section.tsx';

type Amount = 'idleStopMinutes' | 'bootMinutes' | 'capPerBatchUsd' | 'capPerDayUsd';

interface TermsProps {
  readonly settings: PodSettings;
  readonly held: readonly string[];
}

/** Each field says what it means for the money. */
export function RentTerms({ settings, held }: TermsProps) {
  const { commands } = useApp();
  const keep = (patch: Partial<PodSettings>): void => void commands.saveSettings({ pods: patch });
  const digest = digestOf(settings.image);
  return (
    <div className="fields terms">
      <KeptField
        label={t.rent.image}
        value={settings.image}
        about={digest === null ? t.rent.imageAbout : t.rent.pinned(shortHash(digest))}
        disabled={isHeld(held, 'pods.image')}
        onKeep={(image) => keep({ image })}
      />
      <AmountField name="idleStopMinutes" label={t.rent.idle} about={t.rent.idleAbout} {...{ settings, held, keep }} />
      <AmountField name="capPerBatchUsd" label={t.rent.capBatch} optional {...{ settings, held, keep }} />
      <AmountField name="capPerDayUsd" label={t.rent.capDay} optional {...{ settings, held, keep }} />
      <Choice
        label={t.rent.atCap}
        value={settings.capAction}
        disabled={isHeld(held, 'pods.capAction')}
        options={[
          { key: 'finish', text: t.rent.finish },
          { key: 'now', text: t.rent.now },
        ]}
        onChange={(capAction) => keep({ capAction })}
      />
      <AmountField name="bootMinutes" label={t.rent.boot} about={t.rent.bootAbout} {...{ settings, held, keep }} />
    </div>
  );
}

interface AmountProps extends TermsProps {
  readonly name: Amount;
  readonly label: string;
  readonly about?: string;
  /** May be left empty: no cap. */
  readonly optional?: boolean;
  readonly keep: (patch: Partial<PodSettings>) => void;
}

function AmountField({ name, label, about, optional = false, settings, held, keep }: AmountProps) {
  const value = settings[name];
  const parse = (text: string): number | null | undefined => {
    if (optional && text.trim() === '') return null;
    const amount = Number(text.replace(',', '.'));
    return Number.isFinite(amount) && amount > 0 ? amount : undefined;
  };
  return (
    <KeptField
      label={label}
      width="short"
      value={value === null ? '' : String(value)}
      disabled={isHeld(held, `pods.${name}`)}
      {...(about === undefined ? {} : { about })}
      {...(optional ? { hint: t.rent.noCap } : {})}
      check={(text) => (parse(text) === undefined ? t.rent.badNumber : null)}
      onKeep={(text) => {
        const amount = parse(text);
        if (amount !== undefined) keep({ [name]: amount });
      }}
    />
  );
}
