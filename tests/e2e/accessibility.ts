// Owns the look that axe takes at a page.

import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Fails with each rule that is broken and the element that breaks it. */
export async function expectAccessible(page: Page): Promise<void> {
  told(await look(page).analyze());
}

/** Fails with each element whose colours are too close to each other. */
export async function expectContrast(page: Page): Promise<void> {
  told(await look(page).withRules('color-contrast').analyze());
}

/** The page has no frames: what is found in them need not be brought together in a page of its own. */
function look(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode(true);
}

function told({ violations }: Awaited<ReturnType<AxeBuilder['analyze']>>): void {
  expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))).toEqual([]);
}
