// Owns the player above the text: transport, speed, loop, silences; the waveform and the lanes lie under it.

import { useEffect, useRef, useState } from 'react';
import { Slider, SliderThumb, SliderTrack, ToggleButton } from 'react-aria-components';
import { useApp, useAppState } from '../../app-context.ts';
import { Button, IconButton, Tip } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { clock } from '../../format.ts';
import { FASTEST, SLOWEST } from '../../state/transcript-preferences.ts';
import { t } from '../../strings/texts.ts';
import { Waveform } from './waveform.tsx';

/** Stays in its place whatever state the recording is in. */
export function PlayerPanel({ jobId }: { jobId: string }) {
  const state = useAppState(({ player }) => player.state);
  return (
    <section className="player" aria-label={t.player.label}>
      <Transport />
      {state === 'missing' || state === 'changed' || state === 'failed' ? (
        <Trouble state={state} jobId={jobId} />
      ) : (
        <Waveform />
      )}
    </section>
  );
}

function Transport() {
  const { tools, store } = useApp();
  const { player } = tools;
  const ready = useAppState((state) => state.player.state === 'ready');
  const loading = useAppState((state) => state.player.state === 'loading');
  const playing = useAppState((state) => state.player.playing);
  const looping = useAppState((state) => state.player.loop !== null);
  const skipping = useAppState((state) => state.player.skipSilence);
  const follow = useAppState((state) => state.editor.follow);
  const duration = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.machine.duration : 0));
  const peaks = useAppState((state) => (state.player.peaks.state === 'computing' ? state.player.peaks.share : null));
  const noPeaks = useAppState((state) => state.player.peaks.state === 'failed');
  return (
    <div className="transport">
      <IconButton
        icon={playing ? 'pause' : 'play'}
        name={playing ? t.player.pause : t.player.play}
        look="primary"
        small={false}
        isDisabled={!ready}
        onPress={() => player.toggle()}
      />
      <IconButton icon="back5" name={t.player.back} small={false} isDisabled={!ready} onPress={() => player.skip(-5)} />
      <IconButton
        icon="fwd5"
        name={t.player.forward}
        small={false}
        isDisabled={!ready}
        onPress={() => player.skip(5)}
      />
      <Clock />
      <span className="faint">{t.player.of(clock(duration))}</span>
      <span className="muted cut small">
        {loading && t.player.loading}
        {peaks !== null && t.player.computing(peaks)}
        {noPeaks && t.player.noPeaks}
      </span>
      <span className="grow" />
      {!follow && playing && (
        <Button small onPress={() => tools.editor.patch({ follow: true })}>
          {t.transcript.follow}
        </Button>
      )}
      <Speed />
      <ToggleButton
        className="btn small quiet"
        isSelected={looping}
        aria-label={looping ? t.player.loopOff : t.player.loop}
        onChange={() => {
          const { transcript, editor } = store.getState();
          const view = transcript.kind === 'open' ? transcript.view : null;
          const line = view?.segments.find(({ key }) => key === editor.current) ?? view?.segments[0];
          player.setLoop(looping || line === undefined ? null : { start: line.start, end: line.end });
        }}
      >
        <Icon name="loop" />
        <span className="x">{t.player.loop}</span>
      </ToggleButton>
      <ToggleButton
        className="btn small quiet"
        isSelected={skipping}
        aria-label={t.player.skipSilence}
        onChange={(on) => player.setSkipSilence(on)}
      >
        <Icon name="skip" />
        <span className="x">{t.player.skipSilence}</span>
      </ToggleButton>
      <Volume />
    </div>
  );
}

/** Written frame by frame into its place: nothing is drawn anew for it. */
function Clock() {
  const { tools } = useApp();
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = (time: number): void => {
      if (place.current !== null)
        place.current.textContent = `${clock(time)}.${String(Math.floor((time % 1) * 100)).padStart(2, '0')}`;
    };
    show(tools.player.now());
    return tools.player.watch(show);
  }, [tools]);
  return <span className="clock" ref={place} data-testid="clock" />;
}

function Speed() {
  const { tools } = useApp();
  const rate = useAppState((state) => state.player.rate);
  return (
    <span className="speed">
      <Slider
        aria-label={t.player.speed}
        className="slide"
        minValue={SLOWEST}
        maxValue={FASTEST}
        step={0.25}
        value={rate}
        onChange={(value) => tools.player.setRate(value)}
        formatOptions={{ minimumFractionDigits: 0, maximumFractionDigits: 2 }}
      >
        <SliderTrack className="track">
          <SliderThumb className="thumb" />
        </SliderTrack>
      </Slider>
      <Tip text={t.player.speed}>
        <Button small look="quiet" aria-label={`${t.player.speed} 1×`} onPress={() => tools.player.setRate(1)}>
          {rate}×
        </Button>
      </Tip>
    </span>
  );
}

function Volume() {
  const { tools } = useApp();
  const volume = useAppState((state) => state.player.volume);
  return (
    <span className="speed">
      <Icon name="vol" />
      <Slider
        aria-label={t.player.volume}
        className="slide short"
        minValue={0}
        maxValue={1}
        step={0.05}
        value={volume}
        onChange={(value) => tools.player.setVolume(value)}
      >
        <SliderTrack className="track">
          <SliderThumb className="thumb" />
        </SliderTrack>
      </Slider>
    </span>
  );
}

function Trouble({ state, jobId }: { state: 'missing' | 'changed' | 'failed'; jobId: string }) {
  const { tools, commands } = useApp();
  const path = useAppState(({ jobs }) => jobs.get(jobId)?.sourcePath);
  const [shown] = useState(path);
  // It was shown where it lies: play it.
  useEffect(() => {
    if (path !== shown) void tools.recording.open(jobId);
  }, [path, shown, tools, jobId]);
  return (
    <div className="unheard" role="status">
      <Icon name="warn" tone="warn" />
      <span>{t.player[state]}</span>
      {state === 'missing' && (
        <Button small onPress={() => void commands.askWhere(jobId)}>
          {t.help.locate}
        </Button>
      )}
      <Button small onPress={() => void tools.recording.open(jobId, state === 'changed')}>
        {state === 'changed' ? t.player.playAnyway : t.player.again}
      </Button>
    </div>
  );
}
