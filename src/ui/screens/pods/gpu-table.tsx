// Owns the table of GPUs that can be rented: what each costs, whether it can be had, and what it would take for this queue.

import { Radio, RadioGroup } from 'react-aria-components';
import type { Availability, GpuOffer } from '../../../contract/pod-prices.ts';
import { span, usd } from '../../format.ts';
import { t } from '../../strings/texts.ts';

const BARS: Record<Availability, number> = { NONE: 0, LOW: 1, MEDIUM: 2, HIGH: 3, UNKNOWN: 0 };

interface GpuTableProps {
  readonly offers: readonly GpuOffer[];
  readonly chosen: string | null;
  readonly onChoose: (gpuId: string) => void;
}

/** One is chosen; those that cannot be had now stay in sight, since they may be back in a minute. */
export function GpuTable({ offers, chosen, onChoose }: GpuTableProps) {
  const { columns } = t.rent;
  return (
    <div className="gpus">
      <div className="gpuhead" aria-hidden="true">
        <span>{columns.gpu}</span>
        <span className="num">{columns.memory}</span>
        <span className="num">{columns.price}</span>
        <span>{columns.available}</span>
        <span className="num">{columns.takes}</span>
        <span className="num">{columns.costs}</span>
      </div>
      <RadioGroup aria-label={t.rent.choose} value={chosen} onChange={onChoose}>
        {offers.map((offer) => (
          <Radio
            key={offer.gpuId}
            value={offer.gpuId}
            className="gpu"
            aria-label={inWords(offer)}
            isDisabled={offer.pricePerHour === null}
            data-none={offer.availability === 'NONE' ? '' : undefined}
          >
            <span className="name cut">
              <i className="radio" />
              {offer.name}
            </span>
            <span className="num">{t.rent.memory(offer.memoryGB)}</span>
            <span className="num">
              {offer.pricePerHour === null ? t.rent.notOffered : t.rent.perHour(usd(offer.pricePerHour))}
            </span>
            <span className="have">
              <i className="signal" data-bars={BARS[offer.availability]} />
              {t.rent.availability[offer.availability]}
            </span>
            <Estimate offer={offer} />
          </Radio>
        ))}
      </RadioGroup>
    </div>
  );
}

/** A guess says that it is one. */
function Estimate({ offer: { estimate } }: { offer: GpuOffer }) {
  if (estimate === null) return <span className="none" />;
  const guess = estimate.basis === 'assumed';
  const said = (text: string): string => (guess ? t.rent.about(text) : text);
  return (
    <>
      <span className="num" {...(guess ? { title: t.rent.assumed } : {})}>
        {said(span(estimate.wallSec))}
      </span>
      <b className="num" {...(guess ? { title: t.rent.assumed } : {})}>
        {said(usd(estimate.usd))}
      </b>
    </>
  );
}

function inWords(offer: GpuOffer): string {
  const { name, memoryGB, pricePerHour, availability, estimate } = offer;
  return [
    name,
    t.rent.memory(memoryGB),
    pricePerHour === null ? t.rent.notOffered : t.rent.perHour(usd(pricePerHour)),
    `${t.rent.columns.available}: ${t.rent.availability[availability]}`,
    ...(estimate === null
      ? []
      : [`${t.rent.columns.takes}: ${span(estimate.wallSec)}`, `${t.rent.columns.costs}: ${usd(estimate.usd)}`]),
    ...(estimate?.basis === 'assumed' ? [t.rent.assumed] : []),
  ].join(', ');
}
