// Queries, asked as any client of AWS's asks them.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { type ApiError, aws } from '../api';

export type RunState = 'QUEUED' | 'RUNNING' | 'FINISHED' | 'FAILED' | 'CANCELLED' | 'TIMED_OUT';

export interface Run {
  QueryId: string;
  QueryString: string;
  QueryStatus: RunState;
  ErrorMessage?: string;
  QueryStatistics: { EventsMatched: number; EventsScanned: number; BytesScanned: number; ExecutionTimeInMillis: number; CreationTime: number };
}

export const goesOn = (state: RunState | undefined) => state === 'QUEUED' || state === 'RUNNING';

/** A run, asked for every so many milliseconds for as long as it goes on. */
export const asking = (id: string | undefined, every: number) =>
  queryOptions<Run, ApiError>({
    queryKey: ['cloudtrail', 'DescribeQuery', id],
    queryFn: () => aws<Run>('cloudtrail', 'DescribeQuery', { QueryId: id }),
    enabled: Boolean(id),
    refetchInterval: query => (goesOn(query.state.data?.QueryStatus) ? every : false),
    staleTime: query => (goesOn(query.state.data?.QueryStatus) ? 0 : Infinity),
  });

export const useRun = (id: string | undefined) => useQuery(asking(id, 400));

export interface Results { columns: string[]; rows: string[][]; total: number; next: string | undefined }

interface Answer { QueryResultRows?: Array<Array<Record<string, string>>>; NextToken?: string; QueryStatistics?: { TotalResultsCount?: number } }

export async function results(id: string, size: number, token?: string): Promise<Results> {
  const answer = await aws<Answer>('cloudtrail', 'GetQueryResults', { QueryId: id, MaxQueryResults: size, NextToken: token });
  const rows = answer.QueryResultRows ?? [];
  return {
    columns: (rows[0] ?? []).map(cell => Object.keys(cell)[0] ?? ''),
    rows: rows.map(row => row.map(cell => Object.values(cell)[0] ?? '')),
    total: answer.QueryStatistics?.TotalResultsCount ?? rows.length,
    next: answer.NextToken,
  };
}

/** Rows of a page. */
export const PAGE = 100;
/** The token of each page of a run, as far as they were told: pages are reached one after the other, as with AWS. */
const tokens = new Map<string, Array<string | undefined>>();

export async function page(id: string, number: number): Promise<Results> {
  const known = tokens.get(id) ?? [undefined];
  tokens.set(id, known);
  let at = Math.min(number, known.length);
  for (;;) {
    const found = await results(id, PAGE, known[at - 1]);
    if (found.next) known[at] = found.next;
    if (at >= number || !found.next) return found;
    at += 1;
  }
}

/** All rows, up to so many. */
export async function everyRow(id: string, most: number, tell: (rows: number) => void): Promise<Results> {
  const all = await results(id, 1000);
  while (all.next && all.rows.length < most) {
    const more = await results(id, 1000, all.next);
    all.rows.push(...more.rows);
    all.next = more.next;
    tell(all.rows.length);
  }
  return all;
}
