// Owns the sheet that rents a GPU: which one, how many, under which terms, and what it will cost before anything is started.

import { useCallback, useEffect, useState } from 'react';
import type { ErrorAdvice } from '../../../contract/error-advice.ts';
import { type ErrorReport, toAppError } from '../../../contract/errors.ts';
import type { GpuOffer, PodPlan, PodPrices } from '../../../contract/pod-prices.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Sheet } from '../../components/dialog.tsx';
import { Choice, TextField } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { moment, span, usd } from '../../format.ts';
import { explain, t } from '../../strings/texts.ts';
import { type Deadline, DoneBy, hoursOf } from './done-by.tsx';
import { GpuTable } from './gpu-table.tsx';
import { LargerModel } from './larger-model.tsx';
import { RentTerms } from './rent-terms.tsx';

type Count = '1' | '2' | '3' | '4';
const COUNTS: readonly Count[] = ['1', '2', '3', '4'];

/** Nothing is started before the last button, and that says which GPU and what it costs. */
export function RentSheet({ gpuId, onClose }: { gpuId: string | null; onClose: () => void }) {
  const { commands } = useApp();
  const view = useAppState((state) => state.settings);
  const account = useAppState((state) => state.podsSummary?.account);
  // One that RunPod does not take is as good as none: it is asked for again.
  const keySaved = account?.apiKeySaved === true && account.state !== 'refused' && account.state !== 'forbidden';
  const [prices, setPrices] = useState<PodPrices | null>(null);
  const [refusal, setRefusal] = useState<ErrorAdvice | null>(null);
  const [asked, setAsked] = useState<string | null>(gpuId);
  const [count, setCount] = useState<Count>('1');
  const [deadline, setDeadline] = useState<Deadline>('none');
  const [plan, setPlan] = useState<PodPlan | null>(null);
  const [busy, setBusy] = useState(false);

  const refuse = useCallback((thrown: unknown) => setRefusal(explain(toAppError(thrown).report())), []);
  const ask = useCallback(() => {
    setRefusal(null);
    commands.podPrices().then(setPrices, refuse);
  }, [commands, refuse]);
  useEffect(() => {
    if (keySaved) ask();
  }, [keySaved, ask]);

  const offers = prices?.offers.filter(({ preset, gpuId }) => preset || gpuId === asked) ?? [];
  const chosen = offers.find(({ gpuId }) => gpuId === asked) ?? offers.find(({ cheapest }) => cheapest) ?? null;
  const waiting = (prices?.queue.jobs ?? 0) > 0;
  const start = async (offer: GpuOffer): Promise<void> => {
    setBusy(true);
    try {
      await commands.rent({
        ...{ gpuIds: inTurn(offers, offer), count: Number(count), waiting },
        deadlineHours: waiting ? hoursOf(deadline) : null,
      });
      onClose();
    } catch (thrown) {
      refuse(thrown);
    }
    setBusy(false);
  };

  return (
    <Sheet
      title={t.rent.title}
      onClose={onClose}
      footer={
        <>
          <Sum
            offer={chosen}
            plan={waiting && deadline !== 'none' ? plan : null}
            capUsd={view?.settings.pods.capPerBatchUsd ?? null}
          />
          <span className="grow" />
          <Button onPress={onClose}>{t.actions.cancel}</Button>
          <Button
            look="primary"
            isDisabled={chosen === null || busy}
            onPress={() => chosen !== null && void start(chosen)}
          >
            {busy ? t.rent.starting : t.rent.start(chosen?.name ?? '')}
          </Button>
        </>
      }
    >
      <div className="withmore">
        {keySaved ? <About prices={prices} /> : <KeyField error={account?.error ?? null} onRefused={refuse} />}
        <div aria-live="polite">
          {refusal !== null && (
            <p className="refused" role="alert">
              <Icon name="fail" />
              <span>
                {`${refusal.what} ${refusal.lost} ${refusal.todo} `}
                {keySaved && (
                  <Button look="link" onPress={ask}>
                    {t.rent.again}
                  </Button>
                )}
              </span>
            </p>
          )}
          {keySaved && prices === null && refusal === null && <p className="muted">{t.rent.asking}</p>}
        </div>
      </div>
      {prices !== null && (
        <>
          <GpuTable offers={offers} chosen={chosen?.gpuId ?? null} onChoose={setAsked} />
          <Advice offers={offers} chosen={chosen} />
          {waiting && (
            <DoneBy
              deadline={deadline}
              gpuIds={chosen === null ? null : inTurn(offers, chosen)}
              onChange={setDeadline}
              onPlan={setPlan}
            />
          )}
          {waiting && deadline === 'none' && (
            <Choice
              label={t.rent.count}
              value={count}
              options={COUNTS.map((key) => ({ key, text: key }))}
              {...(chosen?.estimate == null
                ? {}
                : { about: t.rent.doneIn(span(chosen.estimate.wallSec / Number(count))) })}
              onChange={setCount}
            />
          )}
        </>
      )}
      {view !== null && <LargerModel view={view} onChanged={keySaved ? ask : undefined} />}
      {view !== null && <RentTerms settings={view.settings.pods} held={view.fromEnvironment} />}
    </Sheet>
  );
}

/** The chosen one first. */
function inTurn(offers: readonly GpuOffer[], chosen: GpuOffer): string[] {
  return [chosen.gpuId, ...fallbacks(offers, chosen).map(({ gpuId }) => gpuId)];
}

/** Those that are tried when the chosen one cannot be had: on offer, by what this queue costs on them. */
function fallbacks(offers: readonly GpuOffer[], chosen: GpuOffer): GpuOffer[] {
  const cost = ({ estimate }: GpuOffer): number => estimate?.usd ?? Number.POSITIVE_INFINITY;
  return offers
    .filter((offer) => offer.gpuId !== chosen.gpuId && offer.pricePerHour !== null && offer.availability !== 'NONE')
    .sort((a, b) => cost(a) - cost(b))
    .slice(0, 3);
}

function About({ prices }: { prices: PodPrices | null }) {
  const { now } = useApp();
  if (prices === null) return null;
  const { queue, model, fetchedAt } = prices;
  return (
    <p className="muted">
      {queue.jobs === 0 ? t.rent.noQueue : t.rent.queue(queue.jobs, span(queue.audioSec))}{' '}
      {queue.unknown > 0 && `${t.rent.unknown(queue.unknown)} `}
      {t.rent.measured(model, moment(fetchedAt, now()))}
    </p>
  );
}

function Advice({ offers, chosen }: { offers: readonly GpuOffer[]; chosen: GpuOffer | null }) {
  const cheapest = offers.find((offer) => offer.cheapest);
  if (chosen === null) return <p className="muted">{t.rent.noneOffered}</p>;
  const others = fallbacks(offers, chosen).map(({ name }) => name);
  return (
    <p className="muted">
      {cheapest !== undefined && `${t.rent.cheapest(cheapest.name)} `}
      {others.length > 0 && `${t.rent.fallback(others.join(', '))} `}
      {offers.some(({ estimate }) => estimate?.basis === 'assumed') && t.rent.assumedLegend}
    </p>
  );
}

/** What it will cost, before it costs. Several pods share the work: together they cost what one does, and their boots. */
function Sum({ offer, plan, capUsd }: { offer: GpuOffer | null; plan: PodPlan | null; capUsd: number | null }) {
  if (offer === null) return null;
  const estimate = plan?.estimate ?? offer.estimate;
  return (
    <span className="sum">
      {estimate === null ? t.rent.sumUnknown : <b>{t.rent.sum(usd(estimate.usd))}</b>}
      {capUsd !== null && t.rent.most(usd(capUsd))}
    </span>
  );
}

interface KeyProps {
  /** Why the last one was refused. */
  readonly error: ErrorReport | null;
  readonly onRefused: (thrown: unknown) => void;
}

function KeyField({ error, onRefused }: KeyProps) {
  const { commands } = useApp();
  const [key, setKey] = useState('');
  const save = (): void => void commands.savePodSecrets({ apiKey: key.trim() }).catch(onRefused);
  return (
    <div className="fields">
      <TextField
        label={t.rent.key}
        about={t.rent.keyAbout}
        problem={error === null ? null : `${explain(error).what} ${explain(error).todo}`}
        value={key}
        onChange={setKey}
        secret
        onEnter={save}
      />
      <div>
        <Button isDisabled={key.trim() === ''} onPress={save}>
          {t.rent.keySave}
        </Button>
      </div>
    </div>
  );
}
