// Opens pages of the console as a user would, and tells how long it takes until they are whole: node pages.mjs http://HOST INSIGHT
import { createRequire } from 'node:module';
import { homedir } from 'node:os';

const built = process.env.TRAILSIGHT_CONSOLE_BUILD ?? `${homedir()}/.cache/trailsight/console-build/console/`;
const { chromium } = createRequire(built)('playwright-core');
const [base, insight] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
const settings = { viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', timezoneId: 'UTC' };

/** The best of some runs. */
async function best(times, run) {
  const all = [];
  for (let time = 0; time < times; time++) all.push(await run());
  return all.sort((a, b) => a.took - b.took)[0];
}

/** How long a page takes in a browser that has seen nothing, how much comes over the wire, and what it waits for the service in it. */
async function opened(path, whole) {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
  const begun = performance.now();
  await page.goto(`${base}/console${path}`);
  await whole(page);
  const took = performance.now() - begun;
  await context.close();
  return { took, bytes };
}

const insightIsWhole = async page => {
  await page.locator('.why').waitFor();
  await page.locator('.chart canvas').waitFor();
  await page.getByText('user/mallory').first().waitFor();
};

const first = await best(5, () => opened('/', page => page.locator('.heat-grid svg').first().waitFor()));
const whole = await best(5, () => opened(`/insights/${insight}`, insightIsWhole));
const clicked = await best(5, async () => {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  await page.goto(`${base}/console/insights`);
  const link = page.locator(`a[href$="${insight}"]`).first();
  await link.waitFor();
  const begun = performance.now();
  await link.click();
  await insightIsWhole(page);
  const took = performance.now() - begun;
  await context.close();
  return { took };
});

/** A timeline of minutes is moved to and fro; how often it is drawn meanwhile. */
async function moved() {
  const context = await browser.newContext(settings);
  const page = await context.newPage();
  let points = 0;
  // The page itself asks for no more points than there are pixels.
  await page.route(/v1.*timeline/, async route => {
    const url = new URL(route.request().url());
    url.searchParams.set('step', '1');
    const response = await route.fetch({ url: url.href });
    points = (await response.json()).expected.length;
    await route.fulfill({ response });
  });
  const { start } = await (await fetch(`${base}/api/console/v1/insights/${insight}`, { headers: { 'x-trailsight-request': '1' } })).json();
  await page.goto(`${base}/console/insights/${insight}?from=${start - 640_000}&to=${start + 240}`);
  await insightIsWhole(page);
  await page.waitForTimeout(1000);
  const box = await page.locator('.u-over').boundingBox();
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + 300, box.y + 50);
  await page.mouse.down();
  await page.evaluate(() => {
    window.drawn = [];
    const note = at => { window.drawn.push(at); requestAnimationFrame(note); };
    requestAnimationFrame(note);
  });
  for (let step = 0; step < 240; step++) await page.mouse.move(box.x + 300 + Math.sin(step / 20) * 250, box.y + 50);
  const drawn = await page.evaluate(() => window.drawn);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await context.close();
  const gaps = drawn.slice(1).map((at, index) => at - drawn[index]).sort((a, b) => a - b);
  return { points, frames: (1000 * gaps.length) / (drawn.at(-1) - drawn[0]), longest: gaps[Math.floor(gaps.length * 0.95)] };
}
const pan = await moved();
await browser.close();

const ms = number => `${Math.round(number)} ms`;
const kb = number => `${Math.round(number / 1000)} kB`;
console.log(`| what | how long | promised |
|---|---:|---:|
| the first page, the week's heat-map in it, from an empty cache | ${ms(first.took)}, ${kb(first.bytes)} | 1500 ms, 600 kB |
| the page of an insight, from an empty cache | ${ms(whole.took)}, ${kb(whole.bytes)} | |
| the page of an insight, by a click in the list | ${ms(clicked.took)} | 500 ms |
| ${pan.points.toLocaleString('en-US')} points moved along | ${pan.frames.toFixed(0)} frames a second, 95 % within ${pan.longest.toFixed(1)} ms | 60 |`);
