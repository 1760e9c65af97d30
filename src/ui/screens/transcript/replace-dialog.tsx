// Owns the look before everything is replaced: each place with what it becomes; any of them can be left out. All of it is one edit.

import { useState } from 'react';
import { type FindHit, replaceAll } from '../../../transcript/find.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Tick } from '../../components/field.tsx';
import { clock } from '../../format.ts';
import { t } from '../../strings/texts.ts';

/** So many places are shown; the others go with them. */
const SHOWN = 200;
/** Characters around a place. */
const AROUND = 40;

/** Asks once. */
export function ReplaceDialog({ onClose }: { onClose: () => void }) {
  const { tools } = useApp();
  const { hits } = useAppState(tools.reading.found);
  const view = useAppState(tools.reading.view);
  const indexes = useAppState(tools.reading.indexes);
  const [left, setLeft] = useState<ReadonlySet<FindHit>>(new Set());
  if (view === null) return null;
  const chosen = hits.filter((hit) => !left.has(hit));
  const apply = (): void => {
    void tools.session.edit(...replaceAll(view.segments, chosen));
    onClose();
  };
  return (
    <Dialog
      title={t.findBar.previewTitle(hits.length)}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t.actions.cancel}</Button>
          <Button look="primary" isDisabled={chosen.length === 0} onPress={apply} autoFocus>
            {t.findBar.apply(chosen.length)}
          </Button>
        </>
      }
    >
      <ul className="previews">
        {hits.slice(0, SHOWN).map((hit) => {
          const segment = view.segments[indexes.get(hit.key) ?? -1];
          if (segment === undefined) return null;
          // Words are not cut.
          const before = segment.text
            .slice(0, hit.from)
            .slice(-AROUND)
            .replace(/^\S*\s(?=.)/u, '');
          const was = segment.text.slice(hit.from, hit.to);
          const after = segment.text
            .slice(hit.to)
            .slice(0, AROUND)
            .replace(/(?<=.)\s\S*$/u, '');
          return (
            <li key={`${hit.key}-${hit.from}`}>
              <Tick
                label={`${clock(segment.start)} ${was} → ${hit.into}`}
                on={!left.has(hit)}
                onChange={(on) => {
                  const next = new Set(left);
                  if (on) next.delete(hit);
                  else next.add(hit);
                  setLeft(next);
                }}
              />
              <p>
                {before}
                <del>{was}</del>
                <ins>{hit.into}</ins>
                {after}
              </p>
            </li>
          );
        })}
      </ul>
      {hits.length > SHOWN && <p className="muted">{t.findBar.previewMore(hits.length - SHOWN)}</p>}
    </Dialog>
  );
}
