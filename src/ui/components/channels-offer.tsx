// Owns the offer to name speakers by their channels: of a recording on whose channels different people speak, nobody has to be told apart by voice.

import { t } from '../strings/texts.ts';
import { Button } from './button.tsx';

interface ChannelsOfferProps {
  /** What the offer is about, in a sentence. */
  readonly about: string;
  readonly inTabOrder?: boolean;
  readonly onTake: () => void;
}

/** The sentence and its one button. */
export function ChannelsOffer({ about, inTabOrder = true, onTake }: ChannelsOfferProps) {
  return (
    <p className="offer">
      {about}{' '}
      <Button small excludeFromTabOrder={!inTabOrder} onPress={onTake}>
        {t.channels.take}
      </Button>
    </p>
  );
}
