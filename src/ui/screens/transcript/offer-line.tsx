// Owns the offer after a correction: the same word stands elsewhere, and all of it can be corrected at once.

import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { t } from '../../strings/texts.ts';

/** At the foot of the text until it is answered or something else is corrected. */
export function OfferLine() {
  const { tools } = useApp();
  const offer = useAppState((state) => state.editor.offer);
  if (offer === null) return null;
  const { change, places } = offer;
  return (
    <div className="offer" role="status">
      <span className="cut">{t.transcript.offer.text(change.from, places)}</span>
      <Button small look="primary" onPress={() => void tools.editor.takeOffer()}>
        {t.transcript.offer.fix(places, change.to)}
      </Button>
      <Button small look="quiet" onPress={() => tools.editor.patch({ offer: null })}>
        {t.transcript.offer.no}
      </Button>
    </div>
  );
}
