// Owns a drop of files on the page, as the browser would make it from the desktop.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Page } from '@playwright/test';

/** Holds `paths` over the window, gives the page the time to show what it will do, and lets go. */
export async function dropFiles(
  page: Page,
  paths: readonly string[],
  whileHeld: () => Promise<void> = async () => undefined,
): Promise<void> {
  const files = await Promise.all(
    paths.map(async (path) => ({ name: basename(path), base64: (await readFile(path)).toString('base64') })),
  );
  const transfer = await page.evaluateHandle((given) => {
    const made = new DataTransfer();
    for (const { name, base64 } of given) {
      made.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    }
    return made;
  }, files);
  await page.dispatchEvent('body', 'dragenter', { dataTransfer: transfer });
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
  await whileHeld();
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}
