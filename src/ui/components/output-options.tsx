// Owns the fields of how written files are called and look: name template, layout of subtitles, speakers in SRT, times of words in VTT.

import {
  CUE_LAYOUTS,
  DEFAULT_EXPORT_OPTIONS,
  type ExportChoices,
  SRT_SPEAKERS,
} from '../../contract/export-options.ts';
import { NAME_FIELDS, readNameTemplate } from '../../contract/name-template.ts';
import { CHANNEL_RULES, type JobOptions, SEND_RULES } from '../../contract/options.ts';
import { t } from '../strings/texts.ts';
import { Choice, KeptField, Switch } from './field.tsx';

/** What the fields of one kind of option are told. */
export interface OptionFieldsProps {
  readonly options: JobOptions;
  /** Help and whether it can be changed: the environment may hold an option fast. */
  readonly about: (name: keyof JobOptions, text?: string) => { about?: string; disabled: boolean };
  readonly onChange: (patch: Partial<JobOptions>) => void;
}

/** Names and looks of the files. */
export function OutputFields({ options, about, onChange }: OptionFieldsProps) {
  const { layout, srtSpeakers, vttWords } = options.exports ?? {};
  const look = (patch: ExportChoices): void => onChange({ exports: { ...options.exports, ...patch } });
  const { formats } = options;
  return (
    <>
      <KeptField
        label={t.output.template}
        value={options.nameTemplate ?? ''}
        hint="{name}"
        {...about('nameTemplate', t.output.templateAbout(NAME_FIELDS.map((field) => `{${field}}`).join(' ')))}
        check={problemOf}
        onKeep={(text) => onChange({ nameTemplate: text.trim() || '{name}' })}
      />
      {(formats.includes('srt') || formats.includes('vtt')) && (
        <Choice
          label={t.output.layout}
          value={layout ?? DEFAULT_EXPORT_OPTIONS.layout}
          options={CUE_LAYOUTS.map((key) => ({ key, text: t.subtitles.layouts[key] }))}
          {...about('exports')}
          onChange={(key) => look({ layout: key })}
        />
      )}
      {formats.includes('srt') && (
        <Choice
          label={t.exports.speakers}
          value={srtSpeakers ?? DEFAULT_EXPORT_OPTIONS.srtSpeakers}
          options={SRT_SPEAKERS.map((key) => ({ key, text: t.exports.speakerStyles[key] }))}
          {...about('exports')}
          onChange={(key) => look({ srtSpeakers: key })}
        />
      )}
      {formats.includes('vtt') && (
        <Switch
          label={t.output.vttWords}
          on={vttWords ?? DEFAULT_EXPORT_OPTIONS.vttWords}
          {...about('exports', t.output.vttWordsAbout)}
          onChange={(on) => look({ vttWords: on })}
        />
      )}
    </>
  );
}

/** What of the recording is sent, and what of its channels becomes of them. */
export function SoundFields({ options, about, onChange }: OptionFieldsProps) {
  return (
    <>
      <Choice
        label={t.output.channels}
        value={options.channels ?? 'mix'}
        options={CHANNEL_RULES.map((key) => ({ key, text: t.output.channelRules[key] }))}
        {...about('channels')}
        onChange={(channels) => onChange({ channels })}
      />
      <Choice
        label={t.output.send}
        value={options.send ?? 'audio'}
        options={SEND_RULES.map((key) => ({ key, text: t.output.sendRules[key] }))}
        {...about('send')}
        onChange={(send) => onChange({ send })}
      />
    </>
  );
}

function problemOf(template: string): string | null {
  if (template.trim() === '') return null;
  const read = readNameTemplate(template);
  return read.ok ? null : read.problem;
}
