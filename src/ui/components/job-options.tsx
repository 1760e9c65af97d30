// Owns the fields of the options of a job: model and words, language, speakers, formats, folder. Where they are kept is its caller's.

import { useId } from 'react';
import {
  CONFLICT_RULES,
  EXPORT_FORMATS,
  type ExportFormat,
  type JobOptions,
  WHEN_DONE_RULES,
} from '../../contract/options.ts';
import { useApp, useAppState } from '../app-context.ts';
import { t } from '../strings/texts.ts';
import { Choice, KeptField, Switch, Tick } from './field.tsx';
import { OutputFields, SoundFields } from './output-options.tsx';

interface JobOptionsFieldsProps {
  readonly options: JobOptions;
  /** Whether the environment holds an option fast. */
  readonly held: (name: keyof JobOptions) => boolean;
  readonly onChange: (patch: Partial<JobOptions>) => void;
}

/** One field for each option. */
export function JobOptionsFields({ options, held, onChange }: JobOptionsFieldsProps) {
  const { client } = useApp();
  const workers = useAppState((state) => state.workers);
  const listId = useId();
  const models = [...new Set(workers.flatMap((worker) => worker.capabilities?.models ?? []))].sort();
  const about = (name: keyof JobOptions, text?: string): { about?: string; disabled: boolean } =>
    held(name)
      ? { about: t.settings.held, disabled: true }
      : { disabled: false, ...(text === undefined ? {} : { about: text }) };

  return (
    <>
      <KeptField
        label={t.options.model}
        value={options.model}
        list={listId}
        {...about('model', models.length === 0 ? undefined : `${t.settings.modelAbout} ${models.join(', ')}`)}
        onKeep={(text) => text.trim() !== '' && onChange({ model: text.trim() })}
      />
      <datalist id={listId}>
        {models.map((model) => (
          <option key={model} value={model} />
        ))}
      </datalist>
      <KeptField
        label={t.options.language}
        value={options.language}
        width="short"
        hint={t.options.languageAuto}
        {...about('language', t.settings.languageAbout)}
        onKeep={(text) => onChange({ language: text.trim().toLowerCase() })}
      />
      <Switch
        label={t.options.speakers}
        on={options.diarize}
        {...about('diarize', t.settings.speakersAbout)}
        onChange={(diarize) => onChange({ diarize })}
      />
      {options.diarize && (
        <SpeakerCount options={options} disabled={held('speakers')} onKeep={(speakers) => onChange({ speakers })} />
      )}
      {options.diarize && (
        <Switch
          label={t.options.speakersOptional}
          on={options.diarizeOptional === true}
          {...about('diarizeOptional', t.options.speakersOptionalAbout)}
          onChange={(diarizeOptional) => onChange({ diarizeOptional })}
        />
      )}
      <KeptField
        label={t.settings.hotwords}
        value={options.hotwords}
        {...about('hotwords', t.settings.hotwordsAbout)}
        onKeep={(hotwords) => onChange({ hotwords })}
      />
      <KeptField
        label={t.settings.prompt}
        value={options.initialPrompt}
        {...about('initialPrompt', t.settings.promptAbout)}
        onKeep={(initialPrompt) => onChange({ initialPrompt })}
      />
      <Formats options={options} disabled={held('formats')} onKeep={(formats) => onChange({ formats })} />
      <KeptField
        label={t.settings.outDir}
        value={options.outDir ?? ''}
        {...about('outDir', client.desktop === null ? t.settings.outDirAboutBrowser : t.settings.outDirAbout)}
        onKeep={(text) => onChange({ outDir: text.trim() || null })}
      />
      <OutputFields options={options} about={about} onChange={onChange} />
      <Choice
        label={t.settings.conflict}
        value={options.conflict}
        options={CONFLICT_RULES.map((key) => ({ key, text: t.settings.conflicts[key] }))}
        {...about('conflict')}
        onChange={(conflict) => onChange({ conflict })}
      />
      <Choice
        label={t.settings.whenDone}
        value={options.whenDone}
        options={WHEN_DONE_RULES.map((key) => ({ key, text: t.settings.whenDoneRules[key] }))}
        {...about('whenDone')}
        onChange={(whenDone) => onChange({ whenDone })}
      />
      <SoundFields options={options} about={about} onChange={onChange} />
    </>
  );
}

interface PartProps<Value> {
  readonly options: JobOptions;
  readonly disabled: boolean;
  readonly onKeep: (value: Value) => void;
}

function Formats({ options, disabled, onKeep }: PartProps<ExportFormat[]>) {
  const toggle = (format: ExportFormat, on: boolean): void => {
    const chosen = EXPORT_FORMATS.filter((each) => (each === format ? on : options.formats.includes(each)));
    // Without any format a finished recording would leave nothing to find.
    if (chosen.length > 0) onKeep(chosen);
  };
  return (
    <fieldset className="field">
      <legend className="label">{t.options.formats}</legend>
      <div className="ticks">
        {EXPORT_FORMATS.map((format) => (
          <Tick
            key={format}
            label={t.formats[format]}
            on={options.formats.includes(format)}
            disabled={disabled || (options.formats.length === 1 && options.formats.includes(format))}
            onChange={(on) => toggle(format, on)}
          />
        ))}
      </div>
      {disabled && <span className="about">{t.settings.held}</span>}
    </fieldset>
  );
}

function SpeakerCount({ options, disabled, onKeep }: PartProps<JobOptions['speakers']>) {
  const { speakers } = options;
  const check = (text: string): string | null =>
    text === '' || (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 64) ? null : t.settings.badRange;
  const keep = (min: string, max: string): void => {
    if (min === '' && max === '') onKeep(null);
    else {
      const least = min === '' ? 1 : Number(min);
      onKeep({ min: least, max: Math.max(least, max === '' ? 64 : Number(max)) });
    }
  };
  const least = speakers === null ? '' : String(speakers.min);
  const most = speakers === null ? '' : String(speakers.max);
  return (
    <div className="pair">
      <KeptField
        label={t.settings.speakerMin}
        value={least}
        width="short"
        disabled={disabled}
        check={check}
        about={t.settings.speakersOpen}
        onKeep={(text) => keep(text, most)}
      />
      <KeptField
        label={t.settings.speakerMax}
        value={most}
        width="short"
        disabled={disabled}
        check={check}
        onKeep={(text) => keep(least, text)}
      />
    </div>
  );
}
