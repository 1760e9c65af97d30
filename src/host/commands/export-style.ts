// Owns the options of the command line that say how a transcript looks in a format.

import type { CueLayout, ExportChoices, ExportOptions } from '../../contract/export-options.ts';

export interface StyleOptions {
  readonly layout?: CueLayout;
  readonly speakerStyle?: ExportOptions['srtSpeakers'];
  readonly vttWords?: boolean;
  readonly tsvSpeaker?: boolean;
  readonly bom?: boolean;
}

export function styleOf({ layout, speakerStyle, vttWords, tsvSpeaker, bom }: StyleOptions): ExportChoices {
  return { layout, srtSpeakers: speakerStyle, vttWords, tsvSpeaker, bom };
}
