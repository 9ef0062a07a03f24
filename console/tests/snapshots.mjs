// Pictures of pages, held against those that were looked at and kept. `UPDATE=1` keeps them as they are now.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const KEPT = process.env.TRAILSIGHT_SNAPSHOTS ?? fileURLToPath(new URL('snapshots', import.meta.url));
/** Where those that differ are left. */
const SEEN = process.env.TRAILSIGHT_SEEN ?? '/tmp/trailsight-snapshots';
/** One pixel in a thousand may differ. */
const TOLERANCE = 0.001;

/** Says how a picture differs from the kept one; null: it does not. */
export function difference(name, seen) {
  const path = join(KEPT, `${name}.png`);
  if (process.env.UPDATE) {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(path, seen);
    return null;
  }
  if (!existsSync(path)) return `${name}: none is kept; UPDATE=1 keeps it`;
  const [kept, now] = [PNG.sync.read(readFileSync(path)), PNG.sync.read(seen)];
  mkdirSync(SEEN, { recursive: true });
  if (kept.width !== now.width || kept.height !== now.height) {
    writeFileSync(join(SEEN, `${name}.png`), seen);
    return `${name}: ${now.width} × ${now.height}, and kept is ${kept.width} × ${kept.height}; see ${SEEN}`;
  }
  const marked = new PNG({ width: kept.width, height: kept.height });
  const pixels = pixelmatch(kept.data, now.data, marked.data, kept.width, kept.height, { threshold: 0.1 });
  if (pixels <= TOLERANCE * kept.width * kept.height) return null;
  writeFileSync(join(SEEN, `${name}.png`), seen);
  writeFileSync(join(SEEN, `${name}-difference.png`), PNG.sync.write(marked));
  return `${name}: ${pixels} pixels differ; see ${SEEN}`;
}

/** The browser that they were kept with. Another version may draw a letter otherwise: that is told, and is no fault of the page. */
export function isSameBrowser(version) {
  const path = join(KEPT, 'chromium.txt');
  if (process.env.UPDATE) {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(path, `${version}\n`);
  }
  return existsSync(path) && readFileSync(path, 'utf8').trim() === version;
}
