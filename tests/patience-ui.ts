// Owns the patience of the tests of the page: Vitest's, and for what Testing Library waits for.

import { configure } from '@testing-library/react';
import './patience-node.ts';
import { PATIENCE_MS } from './patience.ts';

configure({ asyncUtilTimeout: PATIENCE_MS });
