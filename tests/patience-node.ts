// Owns the patience of Vitest: its own default is a second, which a machine with other things to do takes for nothing at all.

import { vi } from 'vitest';
import { PATIENCE_MS } from './patience.ts';

const { waitFor } = vi;
vi.waitFor = (look, options = PATIENCE_MS) => waitFor(look, options);
