// Owns the export of one transcript: format and its options, a look at the file, and where it goes.

import { useEffect, useState } from 'react';
import type { ApiResult } from '../../../contract/api.ts';
import { toAppError } from '../../../contract/errors.ts';
import {
  CUE_LAYOUTS,
  DEFAULT_EXPORT_OPTIONS,
  type ExportOptions,
  SRT_SPEAKERS,
} from '../../../contract/export-options.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../../contract/options.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Sheet } from '../../components/dialog.tsx';
import { Choice, Tick } from '../../components/field.tsx';
import { explain, t } from '../../strings/texts.ts';

/** So much of the file is shown. Characters. */
const SHOWN = 6_000;

/** Formats that forbid a byte-order mark, or whose readers stumble over it. */
const WITHOUT_BOM: ReadonlySet<ExportFormat> = new Set(['json', 'whisperx', 'docx', 'podcast', 'audacity', 'rttm']);

type Preview =
  | { readonly kind: 'working' }
  | { readonly kind: 'here'; readonly file: ApiResult<'exportJob'> }
  | { readonly kind: 'refused'; readonly words: string };

/** At the right edge. */
export function ExportDialog({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const { client, commands } = useApp();
  const layout = useAppState((state) => state.editor.layout);
  const [format, setFormat] = useState<ExportFormat>('srt');
  const [options, setOptions] = useState<ExportOptions>({ ...DEFAULT_EXPORT_OPTIONS, layout });
  const [written, setWritten] = useState<string | null>(null);
  const preview = usePreview(jobId, format, options);
  const change = (patch: Partial<ExportOptions>): void => setOptions({ ...options, ...patch });
  const write = async (): Promise<void> => {
    try {
      setWritten(writtenInWords(await client.call('writeExports', { id: jobId, formats: [format], ...options })));
    } catch (thrown) {
      const { what, lost, todo } = explain(toAppError(thrown).report());
      setWritten(`${what} ${lost} ${todo}`);
    }
  };
  const timed = format === 'srt' || format === 'vtt';
  const bom = !WITHOUT_BOM.has(format);
  return (
    <Sheet
      title={t.exports.title}
      onClose={onClose}
      footer={
        <>
          <Button onPress={() => void write()}>{t.exports.write}</Button>
          <span className="grow" />
          <Button look="primary" onPress={() => void commands.download(jobId, format, options)}>
            {t.exports.download}
          </Button>
        </>
      }
    >
      <Choice
        label={t.exports.format}
        value={format}
        options={EXPORT_FORMATS.map((key) => ({ key, text: t.formats[key] }))}
        onChange={setFormat}
      />
      {timed && (
        <Choice
          label={t.subtitles.layout}
          value={options.layout}
          options={CUE_LAYOUTS.map((key) => ({ key, text: t.subtitles.layouts[key] }))}
          onChange={(chosen) => change({ layout: chosen })}
        />
      )}
      {format === 'srt' && (
        <Choice
          label={t.exports.speakers}
          value={options.srtSpeakers}
          options={SRT_SPEAKERS.map((key) => ({ key, text: t.exports.speakerStyles[key] }))}
          onChange={(srtSpeakers) => change({ srtSpeakers })}
        />
      )}
      {format === 'tsv' && (
        <Tick label={t.exports.tsvSpeaker} on={options.tsvSpeaker} onChange={(tsvSpeaker) => change({ tsvSpeaker })} />
      )}
      {bom && <Tick label={t.exports.bom} on={options.bom} onChange={(on) => change({ bom: on })} />}
      {written !== null && (
        <p className="small" role="status">
          {written}
        </p>
      )}
      <section className="preview" aria-label={t.exports.preview}>
        {preview.kind === 'working' && <p className="muted">{t.exports.working}</p>}
        {preview.kind === 'refused' && <p className="bad">{preview.words}</p>}
        {preview.kind === 'here' && <Shown file={preview.file} />}
      </section>
    </Sheet>
  );
}

/** Where the files are, and which of earlier were left as a person made them. */
function writtenInWords({ outputs, kept = [] }: ApiResult<'writeExports'>): string {
  const told = kept.flatMap(({ path, reason, newPath }) => [
    t.exports.kept[reason](path),
    newPath === null ? t.exports.noNewOne : t.exports.newOne(newPath),
  ]);
  const newPaths = new Set(kept.map(({ newPath }) => newPath));
  const others = outputs.filter(({ path }) => !newPaths.has(path)).map(({ path }) => path);
  // A rule that skips what is there leaves nothing to name.
  return [...(others.length > 0 || told.length === 0 ? [t.exports.written(others)] : []), ...told].join(' ');
}

function Shown({ file }: { file: ApiResult<'exportJob'> }) {
  if (file.base64 !== null) return <p className="muted">{t.exports.binary}</p>;
  return (
    <>
      <b>{file.filename}</b>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long file scrolls by the keyboard only where it can have the focus */}
      <pre tabIndex={0}>{file.text.slice(0, SHOWN)}</pre>
      {file.text.length > SHOWN && <p className="muted">{t.exports.previewCut}</p>}
    </>
  );
}

/** The file as the engine makes it, with the edits that are saved. */
function usePreview(jobId: string, format: ExportFormat, options: ExportOptions): Preview {
  const { client } = useApp();
  const revision = useAppState(({ transcript }) =>
    transcript.kind === 'open' && transcript.saving === 0 ? transcript.revision : -1,
  );
  const [preview, setPreview] = useState<Preview>({ kind: 'working' });
  useEffect(() => {
    if (revision < 0) return;
    let left = false;
    client.call('exportJob', { id: jobId, format, ...options }).then(
      (file) => !left && setPreview({ kind: 'here', file }),
      (thrown: unknown) => {
        const { what, todo } = explain(toAppError(thrown).report());
        if (!left) setPreview({ kind: 'refused', words: `${what} ${todo}` });
      },
    );
    return () => {
      left = true;
    };
  }, [client, jobId, format, options, revision]);
  return preview;
}
