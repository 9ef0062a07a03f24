// What needs no browser: modules of the page that only reckon with texts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** A module of the page, as Node can load it. */
async function load(path) {
  const bundle = await rolldown({ input: fileURLToPath(new URL(`../src/${path}`, import.meta.url)) });
  const { output } = await bundle.generate({ format: 'esm' });
  return import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
}

test('json: laid out, it has every digit and every key that it came with', async () => {
  const { laidOut } = await load('parts/json.ts');
  const plain = { a: [], b: {}, c: [1, { d: null }, [true]], 'e,{"': 'x: [\\"}\n', f: '' };
  assert.equal(laidOut(JSON.stringify(plain)), JSON.stringify(plain, null, 2));
  assert.equal(laidOut(JSON.stringify(plain, null, 7)), JSON.stringify(plain, null, 2));
  assert.equal(laidOut('{"n":9007199254740993,"n":1.0,"m":-1E400,"t":"\\u00e9"}'), '{\n  "n": 9007199254740993,\n  "n": 1.0,\n  "m": -1E400,\n  "t": "\\u00e9"\n}');
  for (const text of ['', 'no {json', '{"a":', '"half', '[1,]']) assert.equal(laidOut(text), text);
  for (const text of ['null', '"{"', '17']) assert.equal(laidOut(text), text);
});

test('json: the texts of what is within, as they came', async () => {
  const { textsAt } = await load('parts/json.ts');
  const text = '{"record":0,"events":[{"name":"record","record":{"id":9007199254740993,"events":[{"record":1}]}},{"record": [ 1 ] },{"x":{"record":2},"record":"]"}]}';
  assert.deepEqual(textsAt(text, 'events.*.record'), ['{"id":9007199254740993,"events":[{"record":1}]}', '[ 1 ]', '"]"']);
  assert.deepEqual(textsAt(text, 'record'), ['0']);
  assert.deepEqual(textsAt('{}', 'events.*.record'), []);
});

test('lake: the calls behind an insight have its error code as it is counted, and no other', async () => {
  const { callsBehind } = await load('lake/statement.ts');
  const statement = callsBehind({ source: 's3.amazonaws.com', name: "Get'It", errorCode: 'NotFound', account: '1', region: 'r', start: 1_770_000_000, until: 1_770_000_600 });
  assert.match(statement, /eventName = 'Get''It'/);
  assert.match(statement, / AND errorCode IN \('NotFound', 'Client\.NotFound'\)\n/);
});

test('lake: a chart says UTC only of what can be nothing else', async () => {
  const { isInUtc } = await load('lake/statement.ts');
  for (const statement of [
    "SELECT date_trunc('hour', eventTime) AS hour, count(*) FROM events GROUP BY 1", 'select eventtime, 1 from events',
    "SELECT e.eventTime at, 1 FROM events e WHERE eventTime > now() - INTERVAL '1' DAY", 'SELECT DISTINCT eventTime AS "a time", 1 FROM events',
  ]) assert.ok(isInUtc(statement), statement);
  for (const statement of [
    '', "SELECT eventTime AT TIME ZONE 'Asia/Tokyo' AS t, count(*) FROM events GROUP BY 1",
    "SELECT date_trunc('hour', eventTime AT TIME ZONE 'Asia/Tokyo'), count(*) FROM events GROUP BY 1", "SELECT eventTime + INTERVAL '9' HOUR, 1 FROM events",
    "SELECT requestParameters['startTime'], count(*) FROM events GROUP BY 1", "SELECT eventTime, n FROM (SELECT eventTime AT TIME ZONE 'Asia/Tokyo' AS eventTime, 1 AS n FROM events)",
    "WITH e AS (SELECT 1) SELECT eventTime, 1 FROM e",
  ]) assert.ok(!isInUtc(statement), statement);
});
