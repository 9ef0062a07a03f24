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
import { difference, isSameBrowser } from './snapshots.mjs';

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
  // What is counted is in the lake some seconds later.
  for (;;) {
    const { lake } = await (await fetch(`${base}/trailsight/v1/status`, { headers: { 'x-trailsight-request': '1' } })).json();
    assert.equal(lake.error, null);
    if (lake.keptBatch && lake.batchesWaiting === 0) break;
    await new Promise(resolve => setTimeout(resolve, 250));
  }
}, { timeout: 240_000 });

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

test('insights: a download that fails says so', async () => {
  const page = await open('/insights', { quiet: true });
  await settled(page);
  await page.route('**/console/v1/insights?*limit=100*', route => route.fulfill({ status: 502, body: '' }));
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByText('All of them as CSV').click();
  await page.getByText('It was not downloaded').waitFor();
  await page.getByText('The service answered 502').waitFor();
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

test('insight: the timeline is moved along by hand, by buttons and by keys, and is as long as it was', async () => {
  const one = named('RunInstances');
  const [from, to] = [one.start - 7200, one.start + 600];
  const page = await open(`/insights/${one.id}?from=${from}&to=${to}`);
  const over = page.locator('.u-over');
  await over.waitFor();
  const shown = () => [...new URL(page.url()).searchParams].map(pair => Number(pair[1]));
  const moved = (other, by) => page.waitForURL(url => Number(url.searchParams.get('from')) === other[0] + by && Number(url.searchParams.get('to')) === other[1] + by);
  await page.getByRole('button', { name: 'Earlier' }).click();
  await moved([from, to], -3900);
  await page.getByRole('button', { name: 'Later' }).click();
  await moved([from, to], 0);
  await over.focus();
  await page.keyboard.press('PageUp');
  await moved([from, to], -3900);
  const box = await over.boundingBox();
  await page.keyboard.down('Shift');
  await page.mouse.move(box.x + box.width * 0.2, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 8 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await page.waitForURL(url => Number(url.searchParams.get('from')) < from - 3900 - 3000);
  const [now, until] = shown();
  assert.ok(Math.abs(until - now - (to - from)) <= 1, `it is as long as it was: ${until - now}`);
  assert.ok(Math.abs(now - (from - 3900 - (to - from) / 2)) < 120, `by half of what is seen: ${now}`);
  // Nothing is to be seen of the day after tomorrow.
  await page.mouse.move(box.x + box.width * 0.5, box.y + 50);
  await page.keyboard.down('Shift');
  for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 2000);
  await page.keyboard.up('Shift');
  await page.waitForURL(url => Number(url.searchParams.get('to')) > to);
  assert.ok(shown()[1] <= Date.parse('2026-02-11T03:20:00Z') / 1000 + 3600 + 600);
  await page.getByRole('button', { name: 'Later' }).isDisabled();
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

test('explorer: any API is found by typing, with what is expected of it, and what another sensitivity would have told', async () => {
  const page = await open('/series');
  const one = named('RunInstances');
  await page.locator('[data-filter] input').fill(`runinst ${one.region}`);
  await page.getByRole('option', { name: new RegExp(`RunInstances.*${one.region}`) }).first().click();
  await page.waitForURL(/\/series\?account=\d+&region=[\w-]+&source=ec2.amazonaws.com&name=RunInstances$/);
  await page.locator('.u-over').waitFor();
  await page.getByText(/With 3 it would have fired once in \d+ days/).waitFor();
  await page.locator(`a[href$="/insights/${one.id}"]`).waitFor();
  const slider = page.getByRole('slider');
  await slider.focus();
  for (let at = 0; at < 3; at++) await page.keyboard.press('ArrowLeft');
  await page.waitForURL(/promise=0\.1/);
  const series = `account=${one.account}&region=${one.region}&source=${one.source}&name=${one.name}`;
  const { steps } = await api(`series/preview?${series}`);
  const words = { 0: 'not once', 1: 'once' }[steps[0].total] ?? `${steps[0].total} times`;
  await page.getByText(`With 0.1 it would have fired ${words} in`).waitFor();
  await page.locator('.u-over').focus();
  await page.keyboard.press('Home');
  await page.waitForFunction(() => /UTC: .* calls a minute, .* in the busiest; .* expected/.test(document.querySelector('.chart-read').textContent));
  await page.context().close();
});

test('explorer: an API’s name leads there, and what is only counted says so', async () => {
  const page = await open('/');
  await page.locator('.heat-name a').first().click();
  await page.waitForURL(/\/series\?/);
  await page.locator('.u-over').waitFor();
  const reads = (await api('series?q=describeinstances&limit=1')).series[0];
  const other = await open(`/series?account=${reads.account}&region=${reads.region}&source=${reads.source}&name=${reads.name}`);
  await other.getByText('It is counted, and not looked at').waitFor();
  await page.context().close();
  await other.context().close();
});

test('events: looked up by an attribute, paged, and each with its record beside it', async () => {
  const page = await open('/events?span=90d');
  await settled(page);
  assert.equal(await page.locator('tbody tr').count(), 50);
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.waitForURL(/page=2/);
  await settled(page);
  const second = await page.locator('tbody tr').first().innerText();
  const again = await open(page.url().split('/console')[1]);
  await again.waitForFunction(text => document.querySelector('tbody tr')?.innerText === text, second);
  await again.context().close();
  const one = named('RunInstances');
  await page.locator('[data-filter] input').fill('RunInstances');
  await page.keyboard.press('Enter');
  await page.waitForURL(/is=RunInstances/);
  assert.doesNotMatch(page.url(), /page=/);
  await page.waitForFunction(() => [...document.querySelectorAll('tbody th')].every(cell => cell.innerText.startsWith('RunInstances\n')));
  await page.locator('tbody tr', { hasText: one.region }).first().locator('td').nth(1).click();
  await page.waitForURL(/event=[0-9a-f-]{36}/);
  const panel = page.locator('pre.json');
  await panel.waitFor();
  const record = JSON.parse(await panel.innerText());
  assert.deepEqual([record.eventName, record.awsRegion], ['RunInstances', one.region]);
  assert.ok(page.url().includes(record.eventID));
  await page.getByRole('link', { name: `Everything that ${record.userIdentity.accessKeyId} did, in the Lake` }).waitFor();
  // By its address it is found, even where the list does not have it.
  const other = await open(`/events?is=CreateUser&event=${record.eventID}`);
  await other.locator('pre.json', { hasText: record.eventID }).waitFor();
  await other.getByRole('button', { name: 'Close the panel' }).click();
  await other.waitForFunction(() => !location.search.includes('event='));
  await other.context().close();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByText('as JSON').click();
  const { Records } = JSON.parse(require('node:fs').readFileSync(await (await saved).path(), 'utf8'));
  assert.ok(Records.length > 0 && Records.every(told => told.eventName === 'RunInstances'));
  await page.context().close();
});

test('events: a record is shown, copied and saved with every digit and every key that it has', async () => {
  const page = await open('/events?span=90d');
  await settled(page);
  const written = '{"awsRegion":"us-east-1","requestParameters":{"id":9007199254740993,"id":1.0}}';
  await page.route(url => url.pathname === '/', async route => {
    const told = await (await route.fetch()).json();
    told.Events?.forEach((one, index) => { one.CloudTrailEvent = index === 0 ? written : index === 1 ? 'no {JSON' : 'null'; });
    await route.fulfill({ json: told });
  });
  await page.getByRole('button', { name: 'Refresh' }).click();
  const cells = index => page.locator('tbody tr').nth(index).locator('td').nth(1);
  await page.locator('tbody tr').nth(1).getByText('–').first().waitFor();
  await cells(1).click();
  await page.locator('pre.json', { hasText: 'no {JSON' }).waitFor();
  await cells(0).click();
  await page.locator('pre.json', { hasText: 'us-east-1' }).waitFor();
  assert.match(await page.locator('pre.json').innerText(), /\n    "id": 9007199254740993,\n    "id": 1\.0\n/);
  await page.getByRole('button', { name: 'Copy the record' }).click();
  await page.getByText('Copied').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), written);
  const read = async saved => require('node:fs').readFileSync(await (await saved).path(), 'utf8');
  const one = page.waitForEvent('download');
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  assert.equal(await read(one), written);
  await page.context().close();
});

test('events: a page that cannot be had is asked for once, and said to be missing', async () => {
  const page = await open('/events?span=90d', { quiet: true });
  await settled(page);
  let asked = 0;
  await page.route(url => url.pathname === '/', route => {
    if (!JSON.parse(route.request().postData()).NextToken) return route.continue();
    asked += 1;
    return route.fulfill({ status: 503, body: '' });
  });
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByText('The service answered 503').waitFor();
  assert.equal(await page.locator('tbody tr').count(), 50);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('The service answered 503').waitFor();
  // As long as it takes to ask for something else, a few times.
  for (let times = 0; times < 5; times++) await page.evaluate(() => fetch('/console/').then(reply => reply.text()));
  assert.equal(asked, 2);
  await page.context().close();
});

test('lake: what is written is offered, run by a key, paged, drawn, and found again by its address', async () => {
  const page = await open('/lake');
  const editor = page.locator('.cm-content');
  await editor.click();
  await page.keyboard.type('SELECT userIdentity.sess');
  await page.locator('.cm-tooltip-autocomplete li', { hasText: 'sessionContext' }).waitFor();
  assert.equal(await page.locator('.cm-completionIcon').count(), 0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('SELECT 1 FROM cloudt');
  await page.locator('.cm-tooltip-autocomplete li', { hasText: "('s3://bucket/prefix')" }).click();
  await page.keyboard.type('old');
  assert.equal(await editor.innerText(), "SELECT 1 FROM cloudtrail_logs('s3://old')");
  await page.keyboard.press('Control+a');
  await page.keyboard.type('SELECT eventName, count(*) AS calls FROM events GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 150');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await page.getByText('150 rows, 100 a page').waitFor();
  assert.match(await page.locator('.nowrap-parts').innerText(), /Finished[\s\S]*(ms|s)[\s\S]*B scanned[\s\S]*events looked at/);
  assert.match(page.url(), /run=[0-9a-f-]{36}/);
  assert.equal(await page.locator('tbody tr').count(), 100);
  await page.getByRole('button', { name: 'Page 2' }).click();
  await page.waitForURL(/page=2/);
  await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 50);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const text = require('node:fs').readFileSync(await (await saved).path(), 'utf8').trim().split('\n');
  assert.deepEqual([text[0], text.length], ['eventName,calls', 151]);
  const whole = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Parquet' }).click();
  const parquet = require('node:fs').readFileSync(await (await whole).path());
  assert.deepEqual([parquet.subarray(0, 4).toString(), parquet.includes('eventName')], ['PAR1', true]);
  await page.getByText('Chart', { exact: true }).click();
  await page.waitForURL(/view=chart/);
  await page.locator('.named-bar').nth(29).waitFor();
  const other = await open(page.url().split('/console')[1]);
  await other.locator('.named-bar').nth(29).waitFor();
  assert.match(await other.locator('.cm-content').innerText(), /GROUP BY 1 ORDER BY 2/);
  await other.context().close();
  await page.getByRole('tab', { name: 'Runs' }).click();
  await page.getByRole('button', { name: /^SELECT eventName, count/ }).first().click();
  await page.getByText('150 rows, 100 a page').waitFor();
  await page.context().close();
});

test('lake: a run that is seen to go on in the list is seen to end there', async () => {
  const page = await open('/lake?sql=SELECT%20711%20FROM%20insights%20LIMIT%201', { quiet: true });
  await page.locator('.cm-content').press('Control+Enter');
  await page.getByText('1 row').first().waitFor();
  const run = new URL(page.url()).searchParams.get('run');
  let isOver = false;
  await page.route(url => url.pathname === '/', async route => {
    const told = await (await route.fetch()).json();
    if (!isOver && told.QueryId === run) told.QueryStatus = 'RUNNING';
    await route.fulfill({ json: told });
  });
  await page.goto(`${base}/console/lake?tab=runs`);
  const row = page.locator('tbody tr', { hasText: 'SELECT 711' }).first();
  await row.getByText('Running').waitFor();
  isOver = true;
  await row.getByText('Finished').waitFor();
  await page.context().close();
});

test('lake: what is wrong is shown at its place', async () => {
  const page = await open(`/lake?sql=${encodeURIComponent('SELECT eventNam\nFROM events')}`, { quiet: true });
  await page.locator('.cm-content').press('Control+Enter');
  await page.getByText('did you mean `eventName`').waitFor();
  assert.equal(await page.locator('.cm-lintRange-error').innerText(), 'eventNam');
  await page.getByRole('button', { name: 'Show the place' }).click();
  await page.keyboard.type('eventName');
  await page.locator('.cm-lintRange-error').waitFor({ state: 'detached' });
  assert.match(await page.locator('.cm-content').innerText(), /^SELECT eventName\n/);
  await page.keyboard.press('Control+End');
  await page.keyboard.type(' FROM');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await page.getByText('The statement is not understood').waitFor();
  assert.equal(await page.locator('.cm-lintRange-error').last().innerText(), 'FROM');
  await page.context().close();
});

test('lake: a statement is laid out with nothing but blanks changed, and that can be undone', async () => {
  const statement = "select eventName, insights(minute, calls) from 0a1b2c3d-0000-4000-8000-123456789abc where x = 'a  b' and y is null";
  const page = await open(`/lake?sql=${encodeURIComponent(statement)}`);
  const editor = page.locator('.cm-content');
  await editor.waitFor();
  await page.getByRole('button', { name: 'Format' }).click();
  await page.locator('.cm-line').nth(1).waitFor();
  const lines = (await editor.innerText()).split('\n');
  assert.deepEqual(lines.slice(0, 3), ['select', '  eventName,', '  insights(minute, calls)']);
  assert.ok(lines.includes("  x = 'a  b'"));
  await editor.press('Control+z');
  await page.locator('.cm-line').nth(1).waitFor({ state: 'detached' });
  assert.equal(await editor.innerText(), statement);
  await editor.press('End');
  await page.keyboard.type(" or '");
  await page.getByRole('button', { name: 'Format' }).click();
  await page.getByText('it was left as it is').waitFor();
  await page.context().close();
});

test('lake: as many columns as there is room for stand in it, and of others it is said', async () => {
  const wide = count => `SELECT ${Array.from({ length: count }, (_, index) => `'arn:aws:sts::111122223333:assumed-role/deployment/a-session-of-it' AS column_${index}`).join(', ')}`;
  for (const [count, fits] of [[4, true], [12, false]]) {
    const page = await open(`/lake?sql=${encodeURIComponent(wide(count))}`);
    await page.locator('.cm-content').press('Control+Enter');
    const last = page.locator('th', { hasText: `column_${count - 1}` });
    await last.waitFor();
    const right = await last.evaluate(cell => cell.getBoundingClientRect().right <= cell.closest('.lake-ask').getBoundingClientRect().right + 1);
    assert.equal(right, fits);
    assert.equal(await page.getByText('the last ones further right').count(), fits ? 0 : 1);
    await page.context().close();
  }
});

test('lake: back and forward show what was asked then, however often', async () => {
  const [one, other] = ['SELECT 1 AS one', 'SELECT 2 AS other'];
  const page = await open(`/lake?sql=${encodeURIComponent(one)}`);
  const editor = page.locator('.cm-content');
  const run = async () => {
    const before = page.url();
    await editor.press('Control+Enter');
    await page.waitForURL(url => url.href !== before && url.searchParams.has('run'));
    await page.getByText('1 row').first().waitFor();
  };
  await run();
  await editor.press('Control+a');
  await page.keyboard.type(other);
  await page.keyboard.press('Escape');
  await run();
  for (const [go, wanted] of [['goBack', one], ['goForward', other], ['goBack', one], ['goForward', other]]) {
    for (let steps = 0; steps < 4 && (await editor.innerText()) !== wanted; steps++) {
      await page[go]();
      await page.waitForFunction(wanted => document.querySelector('[data-editor-host]')?.shadowRoot?.querySelector('.cm-content')?.innerText === wanted, wanted, { timeout: 1500 }).catch(() => {});
    }
    assert.equal(await editor.innerText(), wanted);
  }
  await page.context().close();
});

test('lake: a statement with signs of its own is found again by its address as it was written', async () => {
  const statement = "SELECT count(*) AS n FROM events WHERE eventName LIKE '%De%' AND '100%25+x&y' <> '#'";
  const page = await open(`/lake?sql=${encodeURIComponent(statement)}`);
  assert.equal(await page.locator('.cm-content').innerText(), statement);
  await page.locator('.cm-content').press('End');
  await page.keyboard.type(' OR false');
  await page.waitForURL(/false/);
  const other = await open(page.url().split('/console')[1]);
  assert.equal(await other.locator('.cm-content').innerText(), `${statement} OR false`);
  await other.locator('.cm-content').press('Control+Enter');
  await other.getByText('1 row', { exact: false }).first().waitFor();
  assert.notEqual(await other.locator('tbody td').first().innerText(), '0');
  await page.context().close();
  await other.context().close();
});

test('lake: a statement is saved for everybody, opened and deleted', async () => {
  const page = await open(`/lake?sql=${encodeURIComponent('SELECT count(*) AS n FROM insights')}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('How many insights');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const other = await open('/lake?tab=saved');
  await other.getByRole('button', { name: 'How many insights', exact: true }).click();
  await other.locator('.cm-content', { hasText: 'count(*) AS n' }).waitFor();
  await other.getByRole('button', { name: 'Run' }).click();
  await other.locator('td', { hasText: new RegExp(`^${insights.length}$`) }).waitFor();
  await other.getByRole('tab', { name: 'Saved' }).click();
  await other.getByRole('button', { name: 'Delete How many insights' }).click();
  await other.getByText('Nothing is saved yet').waitFor();
  await page.context().close();
  await other.context().close();
});

test('lake: every sample is understood and runs', async () => {
  const page = await open('/lake?tab=samples');
  const statements = await page.locator('tbody .cell-short').allTextContents();
  await page.context().close();
  assert.ok(statements.length > 10);
  const aws = async (operation, input) => (await fetch(base, {
    method: 'POST', body: JSON.stringify(input),
    headers: { 'x-trailsight-request': '1', 'x-amz-target': `CloudTrail_20131101.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
  })).json();
  for (const statement of statements) {
    const { QueryId } = await aws('StartQuery', { QueryStatement: statement });
    let told;
    do told = await aws('DescribeQuery', { QueryId });
    while (['QUEUED', 'RUNNING'].includes(told.QueryStatus));
    assert.equal(told.QueryStatus, 'FINISHED', `${statement}: ${told.ErrorMessage}`);
  }
});

test('lake: an insight opens there with its calls', async () => {
  const one = named('RunInstances');
  const calls = (await api(`insights/${one.id}`)).statistics.insightCalls;
  const page = await open(`/insights/${one.id}`);
  await page.getByRole('button', { name: 'Query in Lake' }).click();
  await page.locator('.cm-content').press('Control+Enter');
  await page.getByText(`${calls} rows`).waitFor();
  await page.context().close();
});

test('a new insight is said on whatever page is open, and the title counts', async () => {
  const page = await open('/trails');
  const ongoing = (await api('now')).ongoing;
  await page.waitForFunction(text => document.title.startsWith(text), `(${ongoing}) `);
  await page.context().close();
  // The same with a service that says something new: what it says is put in its mouth.
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const other = await context.newPage();
  const now = await api('now');
  const later = { ...now, ongoing: now.ongoing + 1, deadDeliveries: 2, newest: [{ ...now.newest[0], id: 'new-one', title: 'DeleteTrail' }] };
  let isLater, said = now;
  const gate = new Promise(resolve => { isLater = resolve; });
  await other.route('**/console/v1/now', route => route.fulfill({ json: said }));
  await other.route('**/console/v1/live', async route => {
    await gate;
    await route.fulfill({ contentType: 'text/event-stream', body: `event: now\ndata: ${JSON.stringify(said)}\n\n` });
  });
  await other.goto(`${base}/console/trails`);
  await other.waitForFunction(text => document.title.startsWith(text), `(${now.ongoing}) `);
  said = later;
  isLater();
  await other.getByText('2 messages were given up').waitFor();
  await other.getByText(/^DeleteTrail: /).waitFor();
  assert.match(await other.title(), new RegExp(`^\\(${now.ongoing + 1}\\) `));
  await other.getByRole('button', { name: 'See why' }).click();
  await other.waitForURL(/tab=deliveries&state=dead/);
  await other.getByText('2 messages were given up').waitFor({ state: 'detached' });
  await context.close();
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

test('deliveries: what was given up is sent again', async () => {
  const page = await open('/rules?tab=deliveries');
  const [dead] = (await api('deliveries?limit=1')).deliveries;
  let asked;
  await page.route('**/console/v1/deliveries?*', async route => {
    const told = await (await route.fetch()).json();
    if (!asked) Object.assign(told.deliveries[0], { state: 'dead', lastError: 'connection refused', outcome: 'MaximumRetryAttempts' }), (told.dead = 1);
    await route.fulfill({ json: told });
  });
  await page.route('**/deliveries/*/again', route => { asked = route.request(); return route.fulfill({ json: { id: dead.id, state: 'waiting' } }); });
  await page.reload();
  await page.getByText('1 message was given up').waitFor();
  await page.getByText('MaximumRetryAttempts').waitFor();
  await page.getByRole('button', { name: /^Send it again/ }).click();
  await page.getByText('MaximumRetryAttempts').waitFor({ state: 'detached' });
  assert.deepEqual([asked.method(), new URL(asked.url()).pathname], ['POST', `/api/console/v1/deliveries/${dead.id}/again`]);
  await page.context().close();
});

test('trails: what is looked for, and how far learning is', async () => {
  const page = await open('/trails');
  await page.getByText('management-events').waitFor();
  await page.getByText('API error rate').waitFor();
  await page.locator('td, th', { hasText: 'us-west-2' }).first().waitFor();
  await page.context().close();
});

test('expected: an API is muted from its insight, by keys, listed with why, and ended', async () => {
  const one = named('DeleteBucket');
  const page = await open(`/insights/${one.id}`);
  await page.locator('.why').waitFor();
  // However fast the page was: the first key after it was opened follows no `g`.
  await page.evaluate(() => Object.defineProperty(Event.prototype, 'timeStamp', { get: () => 100 }));
  await page.keyboard.press('x');
  await page.getByRole('menuitem', { name: 'Mute this API…' }).click();
  await page.waitForURL(/say=muted/);
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByRole('textbox', { name: 'APIs' }).inputValue(), 's3/DeleteBucket');
  await dialog.getByRole('button', { name: 'Mute', exact: true }).click();
  await dialog.getByText('Somebody will want to know').waitFor();
  await dialog.getByRole('combobox', { name: 'Identity' }).click();
  const arn = await page.getByRole('option').first().getByText(/^arn:/).innerText();
  await page.getByRole('option').first().click();
  await dialog.getByRole('textbox', { name: 'Why' }).fill('a known clean-up');
  await dialog.getByRole('button', { name: 'Mute', exact: true }).click();
  await page.getByText('“a known clean-up”').waitFor();
  await page.waitForFunction(() => !location.search.includes('say='));
  await page.getByRole('button', { name: 'All that was said' }).click();
  await page.waitForURL(/\/expected$/);
  const row = page.locator('tbody tr', { hasText: 's3/DeleteBucket' });
  await row.getByText('In force').waitFor();
  await row.getByText(`by ${arn}`).waitFor();
  await row.getByText('a known clean-up').waitFor();
  await row.getByText('Nothing so far').waitFor();
  await row.getByRole('button', { name: /^End it/ }).click();
  await row.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Ended', exact: true }).click();
  await page.waitForURL(/state=ended/);
  await row.first().waitFor();
  const { said } = await api('expected');
  const own = said.filter(told => told.why === 'a known clean-up').map(told => [told.kind, told.state, told.account, told.insight.id]);
  assert.deepEqual(own.slice(0, 1), [['muted', 'ended', one.account, one.id]]);
  await page.context().close();
});

test('expected: an insight is called a false alarm and that is taken back; a change is announced, and what is like nothing is said to be', async () => {
  const one = named('RunInstances');
  const page = await open(`/insights/${one.id}`);
  await page.getByRole('button', { name: 'This was expected…' }).click();
  await page.getByRole('menuitem', { name: 'A false alarm' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Say so' }).click();
  await page.locator('h1').getByText('False alarm').waitFor();
  const list = await open('/insights?verdict=falseAlarm');
  await list.getByText('1 match').first().waitFor();
  await list.context().close();
  await page.getByRole('button', { name: /^Take it back/ }).click();
  await page.locator('h1').getByText('False alarm').waitFor({ state: 'detached' });
  await page.goto(`${base}/console/expected?say=expected`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'APIs' }).fill('ec2/RunInstance');
  await dialog.getByRole('textbox', { name: 'Why' }).fill('a load test of tonight');
  await dialog.getByRole('button', { name: 'Announce' }).click();
  await page.getByText('Nothing that was counted within 90 days is like this').waitFor();
  const row = page.locator('tbody tr', { hasText: 'a load test of tonight' });
  await row.getByRole('button', { name: /^End it|^Take it back/ }).click();
  await row.waitFor({ state: 'detached' });
  await page.context().close();
});

test('expected: what was held back is counted, linked and marked', async () => {
  const one = named('RunInstances');
  const held = { id: 'release', kind: 'expected', state: 'inForce', account: null, region: null, apis: 'ec2/*', error: null, direction: 'increase', from: one.start, until: one.start + 86_400, why: 'the move', saidBy: 'AKIAOPS', saidAt: one.start, insight: null, heldBack: { count: 1, last: { id: one.id, title: one.title, start: one.start } } };
  const page = await open('/nothing', { quiet: true });
  await page.route('**/console/v1/expected', route => route.fulfill({ json: { now: one.start, said: [held] } }));
  await page.route('**/console/v1/insights?*', async route => {
    assert.match(route.request().url(), /heldBy=release/);
    await route.fulfill({ json: { now: one.start, total: 1, page: 1, pages: 1, isCut: false, insights: [{ ...one, heldBy: 'release' }] } });
  });
  await page.goto(`${base}/console/expected`);
  await page.getByText('AKIAOPS').waitFor();
  await page.getByRole('link', { name: '1 insight held back' }).click();
  await page.waitForURL(/heldBy=release/);
  await page.locator('tbody tr').getByText('Held back').waitFor();
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

test('what is closed gives the focus back to where it was opened', async () => {
  const one = named('RunInstances');
  const focused = (page, text) => page.waitForFunction(text => (document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.innerText ?? '').startsWith(text), text);
  for (const [path, button, item] of [['/lake?sql=SELECT%201', 'Save'], ['/expected', 'Mute APIs'], [`/insights/${one.id}`, 'This was expected…', 'A false alarm'], ['/rules?tab=deliveries', 'Send a test insight']]) {
    const page = await open(path);
    await page.getByRole('button', { name: button, exact: true }).click();
    if (item) await page.getByRole('menuitem', { name: item }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await focused(page, button);
    await page.context().close();
  }
  const page = await open('/events?span=90d');
  await page.locator('tbody input').nth(2).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Close the panel' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.matches('tbody tr:nth-child(3) input'));
  await page.context().close();
});

test('every page in either theme: nothing that axe finds', { timeout: 300_000 }, async () => {
  const { id, account, region, source, name } = named('RunInstances');
  const series = `/series?account=${account}&region=${region}&source=${source}&name=${name}`;
  const pages = ['/', '/?heat=table', '/insights', `/insights/${id}`, `/insights/${id}?tab=different`, `/insights/${id}?tab=events`, `/insights/${id}?tab=how&view=table`, `/insights/${id}?tab=record`, '/lake', `/lake?sql=${encodeURIComponent('SELECT 1 AS one FROM events LIMIT 3')}`, '/lake?tab=runs', '/lake?tab=saved', '/lake?tab=samples', '/series', series, '/events', '/events?span=90d&is=RunInstances', '/rules', '/rules?tab=topics', '/rules?tab=deliveries', '/rules?tab=tester', '/trails', '/expected', '/expected?state=ended', '/expected?say=expected', `/insights/${id}?say=muted`, '/insights/gone'];
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
  for (const path of ['/', '/insights', `/insights/${id}`, '/series', '/events', '/lake', '/lake?tab=samples', '/rules', '/rules?tab=deliveries', '/trails', '/expected', '/expected?state=ended', '/expected?say=expected']) {
    const page = await open(path, { width: 390, height: 844 });
    await settled(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${path} is ${over} px too wide`);
    const name = page.locator('#top').getByText('Trailsight', { exact: true }).last();
    assert.ok(await name.evaluate(one => one.scrollWidth <= one.clientWidth), 'the name is whole');
    await page.context().close();
  }
});

/** What the service tells of a path is changed on its way to a page. */
const retold = (page, path, change) => page.route(path, async route => {
  const reply = await route.fetch();
  const told = await reply.json();
  change(told);
  await route.fulfill({ response: reply, json: told });
});

test('overview: before anything is learned nothing is called usual', async () => {
  const page = await open('/nothing', { quiet: true });
  await retold(page, '**/console/v1/overview', told => Object.assign(told, { ongoing: [], recent: [], together: [], perDay: told.perDay.map(day => ({ ...day, callRate: 0, errorRate: 0 })), learning: { ...told.learning, ready: 0 } }));
  await page.goto(`${base}/console/`);
  await page.getByText('Too early to say').waitFor();
  await page.getByText('No insight yet').waitFor();
  assert.equal(await page.locator('.bars-axis span').nth(1).innerText(), 'none');
  await page.context().close();
});

test('insight: of a fall it is said who made the calls before, and its shade is in the legend', async () => {
  const one = named('RunInstances');
  const whole = await api(`insights/${one.id}`);
  const fall = { direction: 'decrease', change: 'to none', topIdentity: { ...one.topIdentity, share: 0.9, isNew: false } };
  const page = await open('/nothing', { quiet: true });
  await retold(page, `**/console/v1/insights/${one.id}`, told => Object.assign(told, fall, { attributions: told.attributions.map(shares => ({ ...shares, values: shares.values.map(value => ({ ...value, calls: 0, share: 0 })) })) }));
  await retold(page, `**/console/v1/insights/${one.id}/timeline*`, told => told.insights.forEach(shown => { shown.direction = 'decrease'; }));
  await retold(page, '**/console/v1/overview', told => { told.ongoing = [{ ...one, ...fall }]; });
  await page.goto(`${base}/console/insights/${one.id}?tab=different`);
  await page.getByText('There were no calls to compare').waitFor();
  await page.locator('.key-fall').waitFor();
  assert.equal(await page.locator('.key-shade').count(), 0);
  await page.goto(`${base}/console/`);
  await page.locator('.story', { hasText: `before, 90% by ${whole.topIdentity.short}` }).waitFor();
  await page.context().close();
});

test('insights: a long identity is whole, and no column is pushed out', async () => {
  const page = await open('/nothing', { quiet: true });
  await retold(page, '**/console/v1/insights?*', told => told.insights.forEach(row => { row.topIdentity = { value: 'arn', short: 'assumed-role/AWSReservedSSO_AdministratorAccess_42d6ac8160c62586', share: 1, isNew: true }; }));
  await page.goto(`${base}/console/insights`);
  await page.locator('.who').first().waitFor();
  const table = page.locator('table').last();
  assert.ok(await table.evaluate(one => one.getBoundingClientRect().right <= window.innerWidth), 'the table fits');
  assert.ok(await page.locator('.who').first().evaluate(one => one.scrollWidth <= one.closest('td').clientWidth), 'the identity is within its cell');
  await page.context().close();
});

test('a tab that an address names and that there is not is the first one', async () => {
  for (const [path, first] of [[`/insights/${named('RunInstances').id}`, 'Attributions'], ['/lake', 'Editor'], ['/rules', 'Rules']]) {
    const page = await open(`${path}?tab=nothing`);
    await page.getByRole('tab', { name: first, selected: true }).waitFor();
    await page.context().close();
  }
});

test('a phone sees the newest hours of the activity', async () => {
  const page = await open('/', { width: 390, height: 844 });
  await page.locator('.heat-mark').first().waitFor();
  assert.ok(await page.locator('.heat').evaluate(one => one.scrollWidth <= one.clientWidth), 'all of the week is seen');
  assert.ok(await page.locator('.heat-mark').evaluateAll(all => all.every(one => one.getBoundingClientRect().left < window.innerWidth)));
  await page.context().close();
});

test('a phone sees every column of a result, and names of a chart beside bars', async () => {
  const statement = "SELECT eventTime, userIdentity.arn AS who, eventName, sourceIPAddress, eventID FROM events ORDER BY eventTime DESC LIMIT 5";
  const page = await open(`/lake?sql=${encodeURIComponent(statement)}`, { width: 390, height: 844 });
  await page.locator('.cm-content').press('Control+Enter');
  await page.locator('.rows li').nth(4).waitFor();
  assert.deepEqual(await page.locator('.rows li').first().locator('dt').allInnerTexts(), ['eventTime', 'who', 'eventName', 'sourceIPAddress', 'eventID']);
  assert.ok(await page.locator('.rows').evaluate(rows => [...rows.querySelectorAll('dd')].every(one => one.getBoundingClientRect().right <= window.innerWidth)));
  await page.context().close();
  const other = await open(`/lake?view=chart&sql=${encodeURIComponent("SELECT 'arn:aws:sts::111122223333:assumed-role/deployment/a-session' AS who, 5 AS calls UNION ALL SELECT 'b', 3")}`, { width: 390, height: 844 });
  await other.locator('.cm-content').press('Control+Enter');
  await other.locator('.named-bar').nth(1).waitFor();
  assert.ok(await other.locator('.named-bar-room').first().evaluate(room => room.clientWidth > 150));
  await other.context().close();
});

test('six pages look as they did when somebody looked at them', { timeout: 120_000 }, async t => {
  // The service's clock goes on, and these stand still.
  const now = Date.parse('2026-02-11T03:24:00Z') / 1000;
  const one = named('RunInstances');
  const insight = `/insights/${one.id}?from=${one.start - 7200}&to=${one.start + 1200}`;
  const statement = encodeURIComponent('SELECT eventName, count(*) AS calls\nFROM events\nGROUP BY 1\nORDER BY calls DESC, 1\nLIMIT 12');
  const shots = [
    ['overview', '/', 'light', page => page.locator('.heat-mark').first().waitFor()],
    ['insights', '/insights', 'light', page => page.locator('a[data-row]').first().waitFor()],
    ['insight', insight, 'light', page => page.locator('.u-over').waitFor()],
    ['insight-dark', insight, 'dark', page => page.locator('.u-over').waitFor()],
    ['lake', `/lake?sql=${statement}`, 'light', async page => {
      await page.locator('.cm-content').press('Control+Enter');
      await page.getByText('12 rows').waitFor();
      await page.locator('h1').click();
    }],
    ['trails', '/trails', 'light', page => page.locator('td, th', { hasText: 'us-west-2' }).first().waitFor()],
  ];
  const differ = [];
  for (const [name, path, theme, ready] of shots) {
    const page = await open('/nothing', { theme, quiet: true });
    await page.route('**/api/console/v1/live', route => route.abort());
    await page.route(url => /\/api\/console\/v1\/(?!live)/.test(url.pathname), async route => {
      const reply = await route.fetch();
      const told = await reply.json();
      if ('now' in told) told.now = now;
      // A test insight may have been sent meanwhile.
      for (const list of ['insights', 'recent', 'ongoing']) if (Array.isArray(told[list])) told[list] = told[list].filter(row => row.origin !== 'test');
      if ('total' in told && 'pages' in told) told.total = told.insights.length;
      await route.fulfill({ response: reply, json: told });
    });
    await page.goto(`${base}/console${path}`);
    await ready(page);
    await settled(page);
    await page.evaluate(() => document.fonts.ready);
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.querySelectorAll('.nowrap-parts').forEach(one => { one.style.width = '600px'; }));
    // What a query cost is another each time, and when a file was written.
    const mask = [page.locator('.nowrap-parts'), page.locator('td', { hasText: /^Newest \d/ })];
    const fault = difference(name, await page.screenshot({ animations: 'disabled', caret: 'hide', mask }));
    if (fault) differ.push(fault);
    await page.context().close();
  }
  if (isSameBrowser(browser.version())) assert.deepEqual(differ, []);
  else if (differ.length) t.diagnostic(`Chromium ${browser.version()} is not the one that the pictures were kept with: ${differ.join('; ')}`);
});

test('deliveries: a test insight is sent the whole way, and says what it is', async () => {
  const page = await open('/rules?tab=deliveries');
  await page.getByRole('button', { name: 'Send a test insight' }).click();
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('It is on its way').waitFor();
  await page.getByRole('link', { name: 'The insight' }).click();
  await page.locator('h1', { hasText: 'TrailsightTest' }).waitFor();
  await page.context().close();
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
