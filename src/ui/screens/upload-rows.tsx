// Owns the rows of recordings that are still on their way from the browser into the app.

import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Bar, Ring } from '../components/progress.tsx';
import { Cell, Line } from '../components/tree-grid.tsx';
import { sizeOf, splitName } from '../format.ts';
import type { UploadRow } from '../state/uploads-slice.ts';
import { t } from '../strings/texts.ts';
import type { RowPlace } from './queue-list.tsx';

/** The head over all of them. */
export function UploadsHead({ index, focusable }: RowPlace) {
  const { store } = useApp();
  const uploads = useAppState((state) => state.uploads);
  const all = uploads.reduce((sum, row) => sum + row.sizeBytes, 0);
  const sent = uploads.reduce((sum, row) => sum + row.sentBytes, 0);
  return (
    <Line
      className="group still"
      index={index}
      focusable={focusable}
      level={1}
      expanded
      name={t.uploads.batch}
      onReach={() => store.setState({ currentRow: 'uploads' })}
    >
      <Ring share={all === 0 ? null : sent / all} />
      <Cell className="line">
        <b className="cut">{t.uploads.batch}</b>
        <span className="meta cut">
          <b>{t.uploads.count(uploads.length)}</b> · {sizeOf(sent, all)}
        </span>
      </Cell>
    </Line>
  );
}

/** One of them. */
export function UploadLine({ upload, index, focusable }: RowPlace & { upload: UploadRow }) {
  const { store, commands } = useApp();
  const { stem, ending } = splitName(upload.name);
  const words = inWords(upload);
  const percent = upload.sizeBytes === 0 ? null : (100 * upload.sentBytes) / upload.sizeBytes;
  const failed = upload.state === 'failed';
  return (
    <Line
      className="job"
      index={index}
      focusable={focusable}
      level={2}
      name={`${upload.name}, ${words}`}
      marks={{ state: failed ? 'upload-failed' : 'uploading' }}
      onReach={() => store.setState({ currentRow: `upload:${upload.id}` })}
    >
      <div className="cols" role="presentation">
        {failed ? <Icon name="fail" tone="bad" /> : <Icon name="intake" tone="live" />}
        <Cell className="name">
          <span className="cut">{stem}</span>
          <span className="faint small">{ending}</span>
        </Cell>
        <Cell />
        <Cell className="st wide">
          {failed ? (
            <span className="cut grow">
              <b className="lead bad">{t.stage.failedLead}</b> {words}
            </span>
          ) : (
            <>
              <span className="lab long cut">{words}</span>
              {upload.state === 'sending' && <Bar percent={percent} name={words} />}
              {upload.state !== 'sending' && <span className="grow" />}
            </>
          )}
          <Button small look="quiet" excludeFromTabOrder={!focusable} onPress={() => commands.stopUpload(upload.id)}>
            {failed ? t.actions.close : t.actions.stopUpload}
          </Button>
        </Cell>
        <Cell />
      </div>
    </Line>
  );
}

function inWords(upload: UploadRow): string {
  switch (upload.state) {
    case 'waiting':
      return t.uploads.waits;
    case 'sending':
      return t.uploads.reading(sizeOf(upload.sentBytes, upload.sizeBytes));
    case 'joining':
      return t.uploads.joining;
    case 'failed':
      return upload.problem ?? '';
  }
}
