// Statements that the console writes itself.
import type { Insight } from '../api-types';

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const moment = (seconds: number) => text(new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' '));

/** The calls behind an insight, from a minute before to a minute after. A code with `Client.` before it is counted as the same, as `plain_error_code` has it. */
export function callsBehind(insight: Pick<Insight, 'source' | 'name' | 'errorCode' | 'account' | 'region' | 'start' | 'until'>): string {
  return `SELECT eventTime, userIdentity.arn AS who, sourceIPAddress, userAgent, errorCode, requestParameters, eventID
FROM events
WHERE eventSource = ${text(insight.source)} AND eventName = ${text(insight.name)}
  AND recipientAccountId = ${text(insight.account)} AND awsRegion = ${text(insight.region)}${insight.errorCode ? `
  AND errorCode IN (${text(insight.errorCode)}, ${text(`Client.${insight.errorCode}`)})` : ''}
  AND eventTime >= ${moment(insight.start - 60)} AND eventTime < ${moment(insight.until + 60)}
ORDER BY eventTime`;
}

/** The calls of a series between two moments. */
export function callsOf(series: { source: string; name: string; error: string | undefined; account: string; region: string }, from: number, until: number): string {
  return callsBehind({ ...series, errorCode: series.error ?? null, start: from + 60, until: until - 60 });
}

/** All that an access key was used for. */
export function everythingOf(accessKey: string): string {
  return `SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userAgent, errorCode, eventID
FROM events
WHERE userIdentity.accessKeyId = ${text(accessKey)}
ORDER BY eventTime DESC`;
}

/** The times of its first column are UTC: `eventTime` of a store, as it is or cut off. What else may be a time, in whatever zone, is not known here. */
export const isInUtc = (statement: string) =>
  /^\s*select\s+(?:distinct\s+)?(?:\w+\.)?(?:eventTime|date_trunc\(\s*'\w+'\s*,\s*(?:\w+\.)?eventTime\s*\))(?:\s+(?:as\s+)?(?:\w+|"[^"]*"))?\s*,/i.test(statement) &&
  !/\b(?:select[^]*\bselect|unnest|values)\b/i.test(statement);

export const lakeLink = (statement: string) => `/lake?sql=${encodeURIComponent(statement)}`;
