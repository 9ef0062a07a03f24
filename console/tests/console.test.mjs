// The console in a real browser, against the real binary with made-up logs: each page's main question, answered by clicking.
//
//     TRAILSIGHT_BINARY=path/to/trailsight node --test tests/
//
// The clock, the logs and the viewport are fixed. Waited for is what a page shows, never a time.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const AXE = require.resolve('axe-core/axe.min.js');
const BINARY = process.env.TRAILSIGHT_BINARY;
const DEMO = process.env.TRAILSIGHT_DEMO ?? fileURLToPath(new URL('../../e2e/demo_service.py', import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'];

let folder, demo, base, browser, insights;
/** What the browser complained of, by page. */
const complaints = [];

before(async () => {
  assert.ok(BINARY, 'TRAILSIGHT_BINARY names the binary');
  folder = mkdtempSync(join(tmpdir(), 'trailsight-console-'));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  if (process.env.TRAILSIGHT_AT) {
    // One that runs: `npm run dev`, most often.
    base = process.env.TRAILSIGHT_AT;
    insights = (await api('insights?limit=100')).insights;
    return;
  }
  demo = spawn('python3', [DEMO, BINARY, join(folder, 'demo'), '--listen', '127.0.0.1:0', '--still'], { stdio: ['ignore', 'pipe', 'inherit'] });
  base = await new Promise((resolve, reject) => {
    demo.stdout.once('data', said => resolve(String(said).trim().replace(/\/console\/$/, '')));
    demo.once('exit', code => reject(new Error(`the demo ended with ${code}`)));
  });
  insights = (await api('insights?limit=100')).insights;
}, { timeout: 180_000 });

after(async () => {
  await browser?.close();
  demo?.kill('SIGINT');
  await new Promise(resolve => (demo && demo.exitCode === null ? demo.once('exit', resolve) : resolve()));
  rmSync(folder, { recursive: true, force: true });
});

const api = async path => (await fetch(`${base}/api/console/v1/${path}`, { headers: { 'x-trailsight-request': '1' } })).json();
const named = (name, error = null) => insights.find(one => one.name === name && one.errorCode === error);

async function open(path, { theme = 'light', width = 1440, height = 900, at = base, quiet = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', timezoneId: 'UTC', locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  if (!quiet) {
    page.on('console', message => message.type() === 'error' && complaints.push(`${path}: ${message.text()}`));
    page.on('pageerror', error => complaints.push(`${path}: ${error.message}`));
  }
  page.on('request', request => {
    const { protocol, host } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && host !== new URL(at).host) complaints.push(`${path} asks ${request.url()}`);
  });
  await page.goto(`${at}/console${path}`);
  await page.locator('h1').first().waitFor();
  return page;
}

const settled = page => page.waitForFunction(() => !/Loading .*…/.test(document.body.innerText));

test('overview: what goes on now is said first, and leads to it', async () => {
  const page = await open('/');
  const story = page.locator('.together').first();
  assert.match(await story.innerText(), /All of them are the work of user\/[\w.]+ from 192\.0\.2\.77, since 2026-02-11 02:1\d UTC\./);
  await page.locator('.story a', { hasText: 'RunInstances' }).click();
  await page.waitForURL(/\/console\/insights\/[\w-]+$/);
  assert.match(await page.locator('.why h2').innerText(), /RunInstances is happening, which did not happen in the 7 days before/);
  await page.context().close();
});

test('overview: the activity has a table twin with the same links', async () => {
  const page = await open('/');
  await page.locator('.heat-mark').first().waitFor();
  const marks = await page.locator('.heat-mark').count();
  assert.equal(marks, insights.filter(one => one.origin !== 'test').length);
  await page.getByText('As a table').click();
  await page.waitForURL(/heat=table/);
  assert.equal(await page.locator('table a[href*="/insights/"]', { hasText: 'score' }).count(), marks);
  await page.context().close();
});

test('insights: a filter of two conditions is in the address, and means the same to whoever opens it', async () => {
  const page = await open('/insights');
  await settled(page);
  const search = page.locator('[data-filter] input');
  await search.fill('Insight type = API error rate');
  await search.press('Enter');
  await page.waitForURL(/type=ApiErrorRateInsight/);
  await search.fill('Event source = iam.amazonaws.com');
  await search.press('Enter');
  await page.waitForURL(/source=iam/);
  const expected = (await api('insights?type=ApiErrorRateInsight&source=iam.amazonaws.com')).total;
  await page.getByText(`${expected} match`).first().waitFor();
  assert.equal(await page.locator('a[data-row]').count(), expected);
  const other = await open(page.url().split('/console')[1]);
  await other.getByText(`${expected} match`).first().waitFor();
  assert.equal(await other.locator('a[data-row]').count(), expected);
  await page.context().close();
  await other.context().close();
});

test('insights: sorted by score, the rarest is first', async () => {
  const page = await open('/insights');
  await settled(page);
  await page.locator('th', { hasText: 'Score' }).locator('[role=button], button').first().click();
  await page.waitForURL(/sort=score/);
  const rarest = (await api('insights?sort=score&limit=1')).insights[0].title;
  await page.waitForFunction(title => document.querySelector('a[data-row]')?.textContent === title, rarest);
  await page.context().close();
});

test('insight: who did it, from where, and every number in the sentence is in the table', async () => {
  const one = named('RunInstances');
  const page = await open(`/insights/${one.id}`);
  const whole = await api(`insights/${one.id}`);
  const why = await page.locator('.why').innerText();
  for (const sentence of [whole.sentence, whole.rarity, ...whole.different]) assert.ok(why.includes(sentence), sentence);
  assert.match(why, /Find out whose key AKIA\w+ is/);
  const calls = String(whole.statistics.insightCalls);
  await page.getByText(`${calls} calls in`).waitFor();
  await page.getByRole('tab', { name: 'CloudTrail events' }).click();
  await page.getByText(`${calls} calls, from`).waitFor();
  await page.locator('tbody tr').first().click();
  await page.locator('pre.json', { hasText: '"RunInstances"' }).waitFor();
  assert.match(page.url(), /tab=events/);
  await page.context().close();
});

test('insight: the timeline is drawn, read by keys, zoomed by dragging, and has a table twin', async () => {
  const one = named('RunInstances');
  const page = await open(`/insights/${one.id}`);
  const over = page.locator('.u-over');
  await over.waitFor();
  const colours = () => page.evaluate(() => {
    const canvas = document.querySelector('.chart canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) seen.add(`${data[at] >> 4},${data[at + 1] >> 4},${data[at + 2] >> 4}`);
    return seen.size;
  });
  assert.ok((await colours()) > 3, 'something is drawn');
  await over.focus();
  await page.keyboard.press('Home');
  const read = page.locator('.chart-read');
  await page.waitForFunction(() => /amid an insight/.test(document.querySelector('.chart-read').textContent));
  assert.match(await read.innerText(), /2026-02-11 03:05 UTC: 8 calls a minute; .* expected, .* usual; amid an insight/);
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction(() => /03:04 UTC: 0 calls/.test(document.querySelector('.chart-read').textContent));
  const box = await over.boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 6 });
  await page.mouse.up();
  await page.waitForURL(/from=\d+&to=\d+/);
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await page.waitForFunction(() => !/from=/.test(location.search));
  await page.getByText('As a table').click();
  await page.locator('td, th', { hasText: '2026-02-11 03:05' }).first().waitFor();
  await page.context().close();
});

test('insight: it leads to the others of the same story', async () => {
  const one = named('RunInstances');
  const page = await open(`/insights/${one.id}`);
  await page.getByRole('link', { name: /other insights?$/ }).click();
  await page.waitForURL(/tab=around/);
  await page.locator('.story a', { hasText: 'DeleteBucket' }).click();
  await page.locator('h1', { hasText: 'DeleteBucket' }).waitFor();
  await page.context().close();
});

test('rules: the pattern of a rule is tried on the insights that there were', async () => {
  const page = await open('/rules');
  await page.getByRole('button', { name: 'Test it: the pattern of denied-calls' }).click();
  await page.waitForURL(/tab=tester/);
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  const errors = insights.filter(one => one.errorCode !== null).length;
  await page.getByText(`${errors} of ${insights.length} match.`).waitFor();
  await page.context().close();
});

test('deliveries: what was told arrived, and it is said what came of it', async () => {
  const page = await open('/rules?tab=deliveries');
  await page.getByText('Insight file of a trail').first().waitFor();
  await page.getByText('CloudTrail-Insight').first().waitFor();
  await page.getByText('Given up', { exact: true }).click();
  await page.waitForURL(/state=dead/);
  await page.getByText('Nothing was given up.').waitFor();
  await page.context().close();
});

test('trails: what is looked for, and how far learning is', async () => {
  const page = await open('/trails');
  await page.getByText('management-events').waitFor();
  await page.getByText('API error rate').waitFor();
  await page.locator('td, th', { hasText: 'us-west-2' }).first().waitFor();
  await page.context().close();
});

test('keys alone lead anywhere', async () => {
  const page = await open('/');
  await settled(page);
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await page.waitForURL(/\/insights$/);
  await page.locator('a[data-row]').first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = await page.evaluate(() => document.activeElement?.textContent);
  assert.equal(second, await page.locator('a[data-row]').nth(1).innerText());
  await page.keyboard.press('Enter');
  await page.locator('.why').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Next and previous insight').waitFor();
  await page.context().close();
});

test('every page in either theme: nothing that axe finds', { timeout: 300_000 }, async () => {
  const id = named('RunInstances').id;
  const pages = ['/', '/?heat=table', '/insights', `/insights/${id}`, `/insights/${id}?tab=different`, `/insights/${id}?tab=events`, `/insights/${id}?tab=how&view=table`, `/insights/${id}?tab=record`, '/rules', '/rules?tab=topics', '/rules?tab=deliveries', '/rules?tab=tester', '/trails', '/insights/gone'];
  const found = [];
  for (const theme of ['light', 'dark']) {
    for (const path of pages) {
      const page = await open(path, { theme, quiet: path === '/insights/gone' });
      await settled(page);
      // Past the page's own policy, as only a test may.
      await page.evaluate(require('node:fs').readFileSync(AXE, 'utf8'));
      const violations = await page.evaluate(async () => {
        const told = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
        return told.violations.map(one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(' | ')}`);
      });
      found.push(...violations.map(one => `${theme} ${path} ${one}`));
      await page.context().close();
    }
  }
  assert.deepEqual(found, []);
});

test('dark is dark: texts and the chart have other colours', async () => {
  const id = named('RunInstances').id;
  const seen = {};
  for (const theme of ['light', 'dark']) {
    const page = await open(`/insights/${id}`, { theme });
    await page.locator('.u-over').waitFor();
    seen[theme] = await page.evaluate(() => {
      const style = getComputedStyle(document.querySelector('.chart'));
      const heading = getComputedStyle(document.querySelector('h1')).color;
      return { heading, panel: style.getPropertyValue('--ts-panel'), actual: style.getPropertyValue('--ts-actual'), page: getComputedStyle(document.body).backgroundColor };
    });
    await page.context().close();
  }
  for (const name of Object.keys(seen.light)) assert.notEqual(seen.light[name], seen.dark[name], name);
});

test('a phone sees it all, and nothing sticks out', async () => {
  const id = named('RunInstances').id;
  for (const path of ['/', '/insights', `/insights/${id}`, '/rules', '/trails']) {
    const page = await open(path, { width: 390, height: 844 });
    await settled(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${path} is ${over} px too wide`);
    await page.context().close();
  }
});

test('a link to what is gone says so', async () => {
  const page = await open('/insights/gone', { quiet: true });
  await page.getByText('There is no such insight').waitFor();
  await page.context().close();
});

test('a server that goes away and comes back: it is said, and passes by itself', async () => {
  const page = await open('/', { quiet: true });
  await settled(page);
  await page.context().setOffline(true);
  await page.getByText('The service cannot be reached').first().waitFor({ timeout: 40_000 });
  assert.ok(await page.locator('.story').isVisible(), 'what was there is still shown');
  await page.context().setOffline(false);
  await page.getByText('The service cannot be reached').first().waitFor({ state: 'detached', timeout: 40_000 });
  await page.context().close();
});

test('signing in: where credentials are demanded, a pair opens the page that was asked for, and a key that is gone closes it', async () => {
  const data = join(folder, 'guarded');
  const run = (...args) => {
    const done = spawnSync(BINARY, args, { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout + done.stderr;
  };
  const said = run('credentials', 'create', '--name', 'ops', '--data-dir', data);
  const [id] = said.match(/AKIA[A-Z0-9]{16}/);
  const secret = said.match(/[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/)[0];
  const service = spawn(BINARY, ['serve', '--data-dir', data, '--listen', '127.0.0.1:0', '--require-credentials'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const at = await new Promise(resolve => service.stdout.once('data', line => resolve(String(line).match(/AWS_ENDPOINT_URL=(\S+)/)[1])));
    const page = await open('/trails', { at, quiet: true });
    await page.locator('input').first().fill(id);
    await page.locator('input[type=password]').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('are not known here').first().waitFor();
    await page.locator('input[type=password]').fill(secret);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('There is no trail yet').waitFor();
    assert.deepEqual(await page.evaluate(() => document.cookie), '', 'no script reads the cookie');
    run('credentials', 'delete', id, '--data-dir', data);
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 20_000 });
    await page.context().close();
  } finally {
    service.kill();
  }
});

test('no page complained', () => assert.deepEqual(complaints, []));
