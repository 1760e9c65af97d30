// Owns the look into recordings that wait for their options: whether different people speak on their channels, while speakers are asked for.

import { useEffect, useState } from 'react';
import { couldSeparate } from '../../contract/job.ts';
import type { JobOptions } from '../../contract/options.ts';
import { useApp } from '../app-context.ts';
import { ChannelsOffer } from '../components/channels-offer.tsx';
import type { DropGroup } from '../state/drop.ts';
import { t } from '../strings/texts.ts';

/** Recordings that are looked at: a sheet is open for a moment, and of a folder each tells for itself when its turn comes. */
const MOST = 12;

interface ChannelsHintProps {
  readonly groups: readonly DropGroup[];
  readonly options: JobOptions;
  readonly onTake: (patch: Pick<JobOptions, 'channels' | 'diarize'>) => void;
}

/** Nothing, unless the offer would name speakers better than telling voices apart. */
export function ChannelsHint({ groups, options, onTake }: ChannelsHintProps) {
  const { client } = useApp();
  const paths = groups.flatMap((group) => group.paths).slice(0, MOST);
  const key = paths.join('\n');
  const [found, setFound] = useState(0);
  useEffect(() => {
    let over = false;
    const look = async (): Promise<void> => {
      for (const path of key === '' ? [] : key.split('\n')) {
        if (over) return;
        // A folder, or a file that is refused: its own words come when it is queued.
        const probed = await client.call('probe', { path }).catch(() => null);
        if (!over && probed?.media.distinctChannels === true) setFound((count) => count + 1);
      }
    };
    setFound(0);
    void look();
    return () => {
      over = true;
    };
  }, [client, key]);
  if (found === 0 || !couldSeparate({ media: { distinctChannels: true }, options })) return null;
  const about = t.channels.ofDrop(found, paths.length);
  return <ChannelsOffer about={about} onTake={() => onTake({ channels: 'separate', diarize: false })} />;
}
