// Owns the rows of recordings that are still on their way from the browser into the app.

import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Bar, Ring } from '../components/progress.tsx';
import { sizeOf, splitName } from '../format.ts';
import type { UploadRow } from '../state/uploads-slice.ts';
import { t } from '../strings/en.ts';
import type { RowPlace } from './queue-list.tsx';

/** The head over all of them. */
export function UploadsHead({ index, focusable }: RowPlace) {
  const { store } = useApp();
  const uploads = useAppState((state) => state.uploads);
  const all = uploads.reduce((sum, row) => sum + row.sizeBytes, 0);
  const sent = uploads.reduce((sum, row) => sum + row.sentBytes, 0);
  return (
    <div
      className="group still"
      role="row"
      aria-level={1}
      aria-expanded
      aria-rowindex={index + 2}
      aria-label={t.uploads.batch}
      data-row={index}
      tabIndex={focusable ? 0 : -1}
      onFocus={() => store.setState({ currentRow: 'uploads' })}
    >
      <Ring share={all === 0 ? null : sent / all} />
      <span className="line" role="gridcell">
        <b className="cut">{t.uploads.batch}</b>
        <span className="meta cut">
          <b>{t.uploads.count(uploads.length)}</b> · {sizeOf(sent, all)}
        </span>
      </span>
    </div>
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
    <div
      className="job"
      role="row"
      aria-level={2}
      aria-rowindex={index + 2}
      aria-label={`${upload.name}, ${words}`}
      data-row={index}
      data-state={failed ? 'upload-failed' : 'uploading'}
      tabIndex={focusable ? 0 : -1}
      onFocus={() => store.setState({ currentRow: `upload:${upload.id}` })}
    >
      <div className="cols" role="presentation">
        {failed ? <Icon name="fail" tone="bad" /> : <Icon name="intake" tone="live" />}
        <span className="name" role="gridcell">
          <span className="cut">{stem}</span>
          <span className="faint small">{ending}</span>
        </span>
        <span role="gridcell" />
        <span className="st wide" role="gridcell">
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
        </span>
        <span role="gridcell" />
      </div>
    </div>
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
