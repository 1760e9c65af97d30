// Owns the offer of a larger model where a GPU is rented: the small one is for a computer without one.

import { useState } from 'react';
import type { SettingsView } from '../../../contract/settings.ts';
import { useApp } from '../../app-context.ts';
import { Choice } from '../../components/field.tsx';
import { t } from '../../strings/texts.ts';
import { isHeld } from '../settings-section.tsx';

/** Models that a computer without a GPU can bear. */
const SMALL: readonly string[] = ['tiny', 'base', 'small', 'tiny.en', 'base.en', 'small.en'];
const LARGER = ['large-v3-turbo', 'large-v3'] as const;

/** Nothing where a larger one is set already. `onChanged`: speeds are another model's now. */
export function LargerModel({ view, onChanged }: { view: SettingsView; onChanged: (() => void) | undefined }) {
  const { commands } = useApp();
  const { model } = view.settings.jobDefaults;
  // It stays in sight when the larger one was just chosen, so that it can be taken back.
  const [small] = useState(model);
  if (!SMALL.includes(small)) return null;
  return (
    <Choice
      label={t.rent.model}
      about={t.rent.modelAbout}
      value={model}
      disabled={isHeld(view.fromEnvironment, 'jobDefaults.model')}
      options={[small, ...LARGER].map((key) => ({ key, text: t.rent.models[key] ?? key }))}
      onChange={(chosen) => void commands.chooseModel(chosen).then(() => onChanged?.())}
    />
  );
}
