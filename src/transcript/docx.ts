// Owns documents for word processors: a title, then a paragraph a turn with the speaker and the time in front. The same transcript gives
// the same bytes: what the library would fill in from the clock is replaced.

// Not on demand: the packaged engine is one file, and reading this takes 30 ms of its start.
import { Document, HeadingLevel, Packer, Paragraph, TextRun } from 'docx';
import type { Transcript } from '../contract/transcript.ts';
import { paragraphs } from './lines.ts';
import { speakerName } from './speakers.ts';
import { oneLine } from './spoken.ts';
import { clockTime } from './times.ts';

/** A .docx (Office Open XML) file. */
export async function writeDocx(transcript: Transcript): Promise<Uint8Array> {
  const title = oneLine(transcript.source.filename) || 'Transcript';
  const body = paragraphs(transcript).map(
    ({ startMs, speaker, text }) =>
      new Paragraph({
        spacing: { after: 160 },
        children: [
          ...(speaker === null
            ? []
            : [new TextRun({ text: `${plain(speakerName(transcript, speaker))} `, bold: true })]),
          new TextRun({ text: `[${clockTime(startMs)}] `, color: '767676' }),
          new TextRun({ text: plain(text) }),
        ],
      }),
  );
  const heading = new Paragraph({ heading: HeadingLevel.TITLE, children: [new TextRun({ text: plain(title) })] });
  const document = new Document({ sections: [{ children: [heading, ...body] }] });
  const bytes = await Packer.pack(document, 'uint8array', false, [
    { path: 'docProps/core.xml', data: coreProperties(title, transcript) },
  ]);
  withoutDates(bytes);
  return bytes;
}

function coreProperties(title: string, { createdAt, language }: Transcript): string {
  const day = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.exec(createdAt)?.[0];
  const date = day === undefined ? '' : `<dcterms:created xsi:type="dcterms:W3CDTF">${day}Z</dcterms:created>`;
  return [
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"',
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"',
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
    `<dc:title>${xml(title)}</dc:title><dc:creator>Bulk Transcribe</dc:creator>`,
    `<dc:language>${xml(language)}</dc:language>${date}</cp:coreProperties>`,
  ].join('');
}

/** What may not stand in XML 1.0 at all, beside the control characters that {@link oneLine} takes away. */
const NOT_XML = /[\ufffe\uffff\p{Cc}]/gu;

function plain(text: string): string {
  return text.toWellFormed().replace(NOT_XML, '');
}

function xml(text: string): string {
  return plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The first day of the format, midnight. */
const ZIP_EPOCH = 0x0021_0000;
const END_RECORD = 0x0605_4b50;

/** Sets the time of every file in a zip, in its own header and in the directory at the end. */
function withoutDates(zip: Uint8Array): void {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.byteLength - 22;
  while (end > 0 && view.getUint32(end, true) !== END_RECORD) end -= 1;
  const files = view.getUint16(end + 10, true);
  let entry = view.getUint32(end + 16, true);
  for (let file = 0; file < files; file += 1) {
    view.setUint32(entry + 12, ZIP_EPOCH, true);
    view.setUint32(view.getUint32(entry + 42, true) + 10, ZIP_EPOCH, true);
    entry +=
      46 + view.getUint16(entry + 28, true) + view.getUint16(entry + 30, true) + view.getUint16(entry + 32, true);
  }
}
