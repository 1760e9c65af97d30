// `node scripts/icons.mjs`: draws the app's icons (build/*.png) from their SVG sources, in the browser that the tests use.
// @ts-check
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStarted, movedToNode24, root } from './node24.mjs';
import { ensureParts, findChromium } from './system-parts.mjs';

const help = `Draws the app's icons from build/*.svg. The pictures are committed: run it after a change of a drawing.

  node scripts/icons.mjs
`;

/** Side lengths in pixels. Linux wants a file a size; electron-builder makes macOS' and Windows' own kinds of the largest. */
const pictures = [
  ...[16, 32, 48, 64, 128, 256, 512, 1024].map((size) => ({ svg: 'icon.svg', png: `icons/${size}x${size}.png`, size })),
  { svg: 'icon.svg', png: 'icon.png', size: 1024 },
  { svg: 'tray.svg', png: 'tray.png', size: 32 },
  { svg: 'tray.svg', png: 'tray@2x.png', size: 64 },
];

async function drawIcons() {
  const { chromium } = await import('@playwright/test');
  await ensureParts();
  const executablePath = await findChromium();
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    mkdirSync(join(root, 'build/icons'), { recursive: true });
    for (const { svg, png, size } of pictures) {
      const page = await browser.newPage({ viewport: { width: size, height: size } });
      const drawing = readFileSync(join(root, 'build', svg), 'utf8');
      await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`);
      await page.screenshot({ path: join(root, 'build', png), omitBackground: true });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

if (isStarted(import.meta.filename)) {
  if (process.argv.includes('--help')) process.stdout.write(help);
  else if (!movedToNode24()) await drawIcons();
}
