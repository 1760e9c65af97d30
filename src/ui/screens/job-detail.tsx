// Owns what lies under a row's line when it is open: the last two lines of its text, or all that is to say about its trouble.

import { useEffect, useState } from 'react';
import { couldSeparate, type JobView } from '../../contract/job.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { ChannelsOffer } from '../components/channels-offer.tsx';
import { CellBelow } from '../components/tree-grid.tsx';
import { clock } from '../format.ts';
import type { StageLine } from '../state/stage-line.ts';
import { t } from '../strings/texts.ts';

/** Whether a person may still have each channel transcribed by itself. */
export function offersChannels(job: JobView): boolean {
  const isOver = job.state === 'complete' || job.state === 'canceled' || job.state === 'receiving';
  return !isOver && couldSeparate(job);
}

/** The job with what its file is: nobody looked yet into one that no worker can take as it is. */
function useLook(job: JobView): JobView {
  const { client } = useApp();
  const [media, setMedia] = useState<JobView['media']>();
  const isUnseen = job.media === undefined && job.waiting?.reason === 'worker_lacks' && job.options.diarize;
  const { sourcePath: path } = job;
  useEffect(() => {
    let over = false;
    if (isUnseen)
      client.call('probe', { path }).then(
        (probed) => !over && setMedia(probed.media),
        // What is wrong with the file is said when its turn comes.
        () => undefined,
      );
    return () => {
      over = true;
    };
  }, [client, isUnseen, path]);
  return job.media === undefined && media !== undefined ? { ...job, media } : job;
}

/** Under the line. */
export function JobDetail({ job, line, inTabOrder }: { job: JobView; line: StageLine; inTabOrder: boolean }) {
  const { commands } = useApp();
  const live = useAppState((state) => state.live.get(job.id));
  const looked = useLook(job);
  const offer = offersChannels(looked) && (
    <ChannelsOffer
      about={t.channels.ofOne}
      inTabOrder={inTabOrder}
      onTake={() => void commands.separateChannels(job.id)}
    />
  );
  if (live === undefined && job.state !== 'failed' && job.state !== 'waiting')
    return <CellBelow className="trouble">{offer}</CellBelow>;
  if (live === undefined) {
    return (
      <CellBelow className="trouble">
        {offer}
        {/* The word before it is in the line above. */}
        <p>{line.text.charAt(0).toUpperCase() + line.text.slice(1)}</p>
        {line.more !== null && <p className="muted">{line.more}</p>}
        {job.waiting?.reason === 'source_missing' && <p className="muted">{job.sourcePath}</p>}
      </CellBelow>
    );
  }
  const lines = live.lines.slice(-2);
  return (
    <CellBelow className="livetext">
      {/* Not announced line by line: that would bury everything else a screen reader has to say. */}
      {offer}
      <div role="log" aria-live="off" aria-label={t.queue.liveText(job.name)}>
        {lines.map((each, index) => (
          <p key={each.id} className={index === lines.length - 1 ? 'last' : ''}>
            <time>{clock(each.start)}</time>
            <span className="cut">{each.text.trim()}</span>
            {index === lines.length - 1 && <i className="caret" />}
          </p>
        ))}
      </div>
      <Button small look="quiet" excludeFromTabOrder={!inTabOrder} onPress={() => void commands.cancel(job.id)}>
        {t.actions.cancel}
      </Button>
    </CellBelow>
  );
}
