// Owns the WAV container: reads espeak-ng's, writes 16-bit mono.

/**
 * @param {Int16Array} samples
 * @param {number} sampleRate Hz
 * @returns {Buffer}
 */
export function encodeWav(samples, sampleRate) {
  const bytes = samples.length * 2;
  const file = Buffer.alloc(44 + bytes);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + bytes, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(bytes, 40);
  for (const [index, sample] of samples.entries()) file.writeInt16LE(sample, 44 + 2 * index);
  return file;
}

/**
 * @param {Buffer} file 16-bit mono PCM
 * @returns {{ samples: Int16Array, sampleRate: number }}
 */
export function decodeWav(file) {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF') throw new Error('not a WAV file');
  let sampleRate = 0;
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    // On a pipe espeak-ng cannot go back to fill in the size and leaves an enormous one.
    const size = Math.min(file.readUInt32LE(at + 4), file.length - at - 8);
    if (name === 'fmt ') {
      const [coding, channels, bits] = [
        file.readUInt16LE(at + 8),
        file.readUInt16LE(at + 10),
        file.readUInt16LE(at + 22),
      ];
      if (coding !== 1 || channels !== 1 || bits !== 16)
        throw new Error(`want 16-bit mono PCM, got coding ${coding}, ${channels} channels, ${bits} bits`);
      sampleRate = file.readUInt32LE(at + 12);
    }
    if (name === 'data') {
      const samples = new Int16Array(size >> 1);
      for (let index = 0; index < samples.length; index += 1) samples[index] = file.readInt16LE(at + 8 + 2 * index);
      return { samples, sampleRate };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error('the WAV file has no data chunk');
}
