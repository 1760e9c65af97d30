// Owns a loop that is set aside, and a line that was deleted: both can come back.

import type { DocumentRow } from '../../../transcript/document-rows.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { clock } from '../../format.ts';
import { t } from '../../strings/texts.ts';

/** A person decides: listen, read, keep, delete. */
export function LoopRow({ row }: { row: Extract<DocumentRow, { kind: 'loop' }> }) {
  const { tools } = useApp();
  const openLoops = useAppState((state) => state.editor.openLoops);
  const { segments, block } = row;
  const first = segments[0];
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return null;
  const { editor, player, session } = tools;
  return (
    <div className="loop">
      <Icon name="warn" />
      <p>
        <b>{t.transcript.loop.title(block.phrase, block.times, last.end - first.start)}</b>
        <br />
        {t.transcript.loop.about}
      </p>
      <div className="acts">
        <Button
          small
          icon="play"
          onPress={() => {
            player.seek(first.start);
            player.play();
          }}
        >
          {t.transcript.loop.listen}
        </Button>
        <Button small onPress={() => editor.patch({ openLoops: new Set([...openLoops, first.key]) })}>
          {t.transcript.loop.show}
        </Button>
        <Button
          small
          look="quiet"
          onPress={() =>
            void session.edit(...segments.map(({ key }) => ({ type: 'check', segment: key, checked: true }) as const))
          }
        >
          {t.transcript.loop.keep}
        </Button>
        <Button
          small
          look="quiet"
          onPress={() => void session.edit(...segments.map(({ key }) => ({ type: 'delete', segment: key }) as const))}
        >
          {t.transcript.loop.remove}
        </Button>
      </div>
    </div>
  );
}

/** Struck, and restorable at its place. */
export function DeletedRow({ row, voiced }: { row: Extract<DocumentRow, { kind: 'deleted' }>; voiced: boolean }) {
  const { tools } = useApp();
  return (
    <>
      <time>{clock(row.segment.start)}</time>
      {voiced && <span className="who gone">{t.transcript.deleted}</span>}
      <div className="gone">
        <s>{row.segment.text.trim()}</s>{' '}
        <Button small look="quiet" icon="undo" onPress={() => void tools.editor.restore(row.key)}>
          {t.transcript.restore}
        </Button>
      </div>
    </>
  );
}
