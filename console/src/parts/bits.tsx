// Small things that many pages show.
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { Link as RouterLink } from 'wouter';
import type { ReactNode } from 'react';
import type { Row, Spark as SparkData } from '../api-types';
import { clock, duration, localClock, percent } from '../words';
import { Kind } from './kind';

/** A moment in UTC; whoever hovers sees it where they are. */
export function Time({ at, short, seconds }: { at: number; short?: boolean; seconds?: boolean }) {
  const text = new Date(at * 1000).toISOString().replace('T', ' ').slice(short ? 5 : 0, seconds ? 19 : 16);
  return (
    <time className="time" dateTime={new Date(at * 1000).toISOString()} title={localClock(at)}>
      {text}
    </time>
  );
}

/** A link within the console. */
export function To({ href, children, label, isRow }: { href: string; children: ReactNode; label?: string; isRow?: boolean }) {
  return (
    <RouterLink href={href} className="to" aria-label={label} data-row={isRow || undefined}>
      {children}
    </RouterLink>
  );
}

/** How much it asks for a look: the number, and a colour that says the same. */
export function Score({ row }: { row: Pick<Row, 'score' | 'level' | 'rarityWords'> }) {
  return (
    <span className={`score score-${row.level}`} title={`On any API of this account ${row.rarityWords}`}>
      {row.score}
    </span>
  );
}

export function StateOf({ row }: { row: Pick<Row, 'state' | 'minutes' | 'origin' | 'heldBy' | 'verdict'> }) {
  return (
    <span className="nowrap">
      {row.state === 'ongoing' ? (
        <StatusIndicator type="warning">Ongoing</StatusIndicator>
      ) : (
        <StatusIndicator type="stopped" colorOverride="grey">Ended</StatusIndicator>
      )}
      {row.origin !== 'live' && <> <Badge>{row.origin}</Badge></>}
      {(row.heldBy !== null || row.verdict !== null) && (
        <span className="badges">
          {row.heldBy !== null && <> <Badge color="grey">Held back</Badge></>}
          {row.verdict !== null && <> <Kind kind={row.verdict} /></>}
        </span>
      )}
    </span>
  );
}

/** ▲ 14×, ▼ to none. */
export function Change({ row }: { row: Pick<Row, 'direction' | 'change'> }) {
  return (
    <span className={`nowrap ${row.direction}`}>
      <span aria-hidden="true">{row.direction === 'increase' ? '▲' : '▼'}</span>{' '}
      <span className="visually-hidden">{row.direction === 'increase' ? 'up ' : 'down '}</span>
      {row.change}
    </span>
  );
}

/** Calls a minute around an insight, its own values in colour. */
export function Spark({ data, label }: { data: SparkData; label: string }) {
  const [width, height] = [84, 26];
  const top = Math.max(...data.values, 1e-9);
  const step = width / Math.max(data.values.length, 1);
  return (
    <svg className="spark" width={width} height={height} role="img" aria-label={label}>
      {data.values.map((value, index) => {
        const tall = value === 0 ? 1 : Math.max(2, (value / top) * (height - 2));
        const isIn = index >= data.first && index <= data.last;
        return (
          <rect
            key={index}
            x={index * step}
            y={height - tall}
            width={Math.max(step - 0.6, 0.6)}
            height={tall}
            className={isIn ? 'spark-in' : 'spark-out'}
          />
        );
      })}
    </svg>
  );
}

export function Lasting({ row }: { row: Pick<Row, 'state' | 'minutes' | 'start' | 'end'> }) {
  return (
    <>
      {row.state === 'ongoing' ? `for ${duration(row.minutes)} so far` : duration(row.minutes)}
      {row.end !== null && <span className="visually-hidden">, until {clock(row.end)} UTC</span>}
    </>
  );
}

/** Who made the calls, and how many of them; of a fall, who made those before. */
export function WhoseCalls({ row, who }: { row: Pick<Row, 'direction'>; who: NonNullable<Row['topIdentity']> }) {
  return (
    <span title={who.value}>
      {row.direction === 'increase' ? `${percent(who.share)} by ` : `before, ${percent(who.share)} by `}
      <span className="who">{who.short}{who.isNew && <> <span className="new" title="Not once in the baseline">New</span></>}</span>
    </span>
  );
}

export function Small({ children }: { children: ReactNode }) {
  return <Box variant="small" color="text-body-secondary" display="block">{children}</Box>;
}
