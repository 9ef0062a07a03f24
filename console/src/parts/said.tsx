// What somebody said of insights, as it is shown: what it is, of what, by whom, and how it is ended.
import Button from '@cloudscape-design/components/button';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiError, forget } from '../api';
import type { Saying, Sayings } from '../api-types';
import { useAccountName } from './session';
import { plural } from '../words';
import { Small, Time, To } from './bits';
import { KINDS } from './kind';

/** `account prod (…), us-east-1, failures with AccessDenied, by *:role/scanner`. */
export function useScope(): (one: Saying) => string {
  const nameOf = useAccountName();
  return one => [
    one.account ? `account ${nameOf(one.account)}` : 'all accounts',
    one.region ?? 'all Regions',
    one.error && `failures with ${one.error}`,
    one.by && `by ${one.by}`,
    one.kind === 'expected' && (one.direction === null ? 'up and down' : one.direction === 'increase' ? 'up' : 'down'),
  ].filter(Boolean).join(', ');
}

/** From when until when. */
export function When({ one }: { one: Saying }) {
  return (
    <>
      <Time at={one.from} /> {one.until === null ? (one.kind === 'muted' ? 'until somebody ends it' : 'and goes on') : <>until <Time at={one.until} /></>}
    </>
  );
}

export function Who({ one }: { one: Saying }) {
  return <Small>{one.saidBy || 'Somebody'}, <Time at={one.saidAt} /></Small>;
}

/** What changes with anything that is said. */
export const askAgain = (queries: QueryClient) => queries.invalidateQueries({ predicate: query => /^(insights|expected|overview)/.test(String(query.queryKey[0])) });

/** Ends it, or takes it back; what of the page has to do with it is asked again. */
export function End({ one, failed }: { one: Saying; failed: (error: ApiError | null) => void }) {
  const queries = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  if (one.state === 'ended') return null;
  const word = one.kind === 'muted' || one.state === 'inForce' && one.kind === 'expected' ? 'End it' : 'Take it back';
  const end = async () => {
    setBusy(true);
    failed(null);
    try {
      queries.setQueryData(['expected', {}], await forget<Sayings>('expected', { id: one.id }));
      await askAgain(queries);
    } catch (error) {
      failed(error as ApiError);
    } finally {
      setBusy(false);
    }
  };
  return <Button variant="inline-link" loading={isBusy} ariaLabel={`${word}: ${KINDS[one.kind].name}, ${one.apis}`} onClick={() => void end()}>{word}</Button>;
}

/** What it held back, with links. */
export function HeldBack({ one }: { one: Saying }) {
  const { count, last } = one.heldBack;
  if (one.kind === 'falseAlarm' || one.kind === 'real') return <>{one.insight ? <To href={`/insights/${one.insight.id}`}>{one.insight.title}</To> : 'An insight that is forgotten'}<Small><Time at={one.from} /></Small></>;
  if (count === 0) return <>Nothing{one.state === 'ended' ? '' : ' so far'}</>;
  return (
    <>
      <span className="link-line"><To href={`/insights?heldBy=${one.id}&span=90d`}>{plural(count, 'insight')} held back</To></span>
      {last && <span className="link-line soft">last <To href={`/insights/${last.id}`}>{last.title}</To>, <Time at={last.start} short /></span>}
    </>
  );
}
