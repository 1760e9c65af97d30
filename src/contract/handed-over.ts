// Owns what a second start of the desktop app sends to the first: its arguments, and the folder that relative ones start from.

import * as z from 'zod';

export const handedOverSchema = z.object({
  argv: z.array(z.string().max(32_768)).max(100_000),
  cwd: z.string().max(32_768),
});
export type HandedOver = z.infer<typeof handedOverSchema>;
