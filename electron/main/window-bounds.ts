// Owns where the window was: remembered in a small file, used again only where a screen still shows it.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';

export const MIN_SIZE = { width: 720, height: 480 } as const;
const FIRST: WindowBounds = { width: 1180, height: 780, maximized: false };

/** How much of the window must lie on a screen for a person to catch it, pixels. */
const GRIP = 64;

/** Size of the window when it is not maximized, and place where it is known. */
export type WindowBounds = { readonly width: number; readonly height: number; readonly maximized: boolean } & (
  | { readonly x: number; readonly y: number }
  | { readonly x?: never; readonly y?: never }
);

type SavedBounds = Rectangle & { readonly maximized: boolean };

/** What was remembered, if a screen (work areas, in pixels) still shows it; else the default size, placed by the system. */
export function readBounds(path: string, screens: readonly Rectangle[]): WindowBounds {
  const saved = parseBounds(readText(path));
  if (saved === null) return FIRST;
  const { maximized } = saved;
  const size = {
    width: Math.max(saved.width, MIN_SIZE.width),
    height: Math.max(saved.height, MIN_SIZE.height),
    maximized,
  };
  return screens.some((screen) => shows(screen, { ...saved, ...size })) ? { ...size, x: saved.x, y: saved.y } : size;
}

/** Remembers. A window that cannot be remembered is no reason to trouble anybody: false then. */
export function saveBounds(path: string, { x, y, width, height, maximized }: SavedBounds): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify({ x, y, width, height, maximized }));
    renameSync(`${path}.new`, path);
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function parseBounds(text: string): SavedBounds | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { x, y, width, height, maximized } = value as Record<string, unknown>;
  if (!isPixels(x) || !isPixels(y) || !isPixels(width) || !isPixels(height)) return null;
  return { x, y, width, height, maximized: maximized === true };
}

function isPixels(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 100_000;
}

/** Whether the title bar can be caught on this screen. */
function shows(screen: Rectangle, bounds: Rectangle): boolean {
  const across = Math.min(screen.x + screen.width, bounds.x + bounds.width) - Math.max(screen.x, bounds.x);
  return across >= GRIP && bounds.y >= screen.y && bounds.y <= screen.y + screen.height - GRIP;
}
