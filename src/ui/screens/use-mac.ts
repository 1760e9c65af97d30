// Owns whether keys are written and pressed as on a Mac.

import { useApp } from '../app-context.ts';

export function useMac(): boolean {
  const { platform } = useApp().client;
  return platform === 'darwin' || (platform === 'browser' && navigator.platform.startsWith('Mac'));
}
