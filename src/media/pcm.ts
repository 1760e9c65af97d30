// Owns samples that are not packed: how each kind lies in its bytes.

export interface PcmReader {
  /** Bytes of one sample. */
  readonly bytes: number;
  /** The sample at a byte, -1..1. */
  readonly at: (view: DataView, byte: number) => number;
}

const READERS: Readonly<Record<string, PcmReader>> = {
  'pcm-u8': { bytes: 1, at: (view, byte) => (view.getUint8(byte) - 128) / 128 },
  'pcm-s8': { bytes: 1, at: (view, byte) => view.getInt8(byte) / 128 },
  'pcm-s16': { bytes: 2, at: (view, byte) => view.getInt16(byte, true) / 32_768 },
  'pcm-s16be': { bytes: 2, at: (view, byte) => view.getInt16(byte) / 32_768 },
  // The upper two bytes of three: finer than anything that is asked here.
  'pcm-s24': { bytes: 3, at: (view, byte) => view.getInt16(byte + 1, true) / 32_768 },
  'pcm-s24be': { bytes: 3, at: (view, byte) => view.getInt16(byte) / 32_768 },
  'pcm-s32': { bytes: 4, at: (view, byte) => view.getInt32(byte, true) / 2 ** 31 },
  'pcm-s32be': { bytes: 4, at: (view, byte) => view.getInt32(byte) / 2 ** 31 },
  'pcm-f32': { bytes: 4, at: (view, byte) => finite(view.getFloat32(byte, true)) },
  'pcm-f32be': { bytes: 4, at: (view, byte) => finite(view.getFloat32(byte)) },
  'pcm-f64': { bytes: 8, at: (view, byte) => finite(view.getFloat64(byte, true)) },
  'pcm-f64be': { bytes: 8, at: (view, byte) => finite(view.getFloat64(byte)) },
};

/** How samples of a codec are read; null for one that is packed. */
export function pcmReader(codec: string): PcmReader | null {
  return Object.hasOwn(READERS, codec) ? (READERS[codec] ?? null) : null;
}

function finite(sample: number): number {
  return Number.isFinite(sample) ? sample : 0;
}
