// Who was behind it, beside who used to be: as tables, and as the picture of what moved.
import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import type { Shares } from '../api-types';
import { figure, percent } from '../words';
import { Nothing } from './states';

type Value = Shares['values'][number];

const nothingSaid = (shares: Shares) => shares.values.every(value => value.value === 'null' && !value.isOther);

export function Attributions({ shares }: { shares: Shares[] }) {
  const [said, silent] = [shares.filter(one => !nothingSaid(one)), shares.filter(nothingSaid)];
  if (!said.length) return <Nothing title="It is not known who called">Who called is counted as log files come in; of this time it was not, or it was forgotten.</Nothing>;
  return (
    <SpaceBetween size="m">
      <ColumnLayout columns={2} minColumnWidth={360}>
        {said.map(one => <ByAttribute key={one.attribute} shares={one} />)}
      </ColumnLayout>
      {silent.length > 0 && <Box variant="small" color="text-body-secondary">Not told by any call: {silent.map(one => one.label).join(', ')}.</Box>}
    </SpaceBetween>
  );
}

function ByAttribute({ shares }: { shares: Shares }) {
  const name = (value: Value) => (
    <span title={value.value} style={{ overflowWrap: 'anywhere' }}>
      {value.short} {value.isNew && <span className="new" title="Not once in the baseline">New</span>}
    </span>
  );
  return (
    <Table
      variant="embedded"
      contentDensity="compact"
      wrapLines
      items={shares.values}
      header={<Header variant="h3" description={shares.isOfAws ? undefined : 'Beyond what AWS tells.'}>{shares.label}</Header>}
      columnDefinitions={[
        { id: 'value', header: 'Value', isRowHeader: true, cell: name, minWidth: 140 },
        { id: 'now', header: 'Insight', cell: value => <div className="num">{percent(value.share)}<br /><span className="soft">{figure(value.perMinute)} / min</span></div>, width: 112 },
        { id: 'before', header: 'Baseline', cell: value => (
          <div className="num">{value.baselineShare === null ? 'in Other' : <>{percent(value.baselineShare)}<br /><span className="soft">{figure(value.baselinePerMinute!)} / min</span></>}</div>
        ), width: 112 },
      ]}
    />
  );
}

export function WhatIsDifferent({ shares, isFall }: { shares: Shares[]; isFall: boolean }) {
  const sorted = shares.filter(one => !nothingSaid(one)).sort((a, b) => b.difference - a.difference);
  const [different, alike] = [sorted.filter(one => one.difference >= 0.1), sorted.filter(one => one.difference < 0.1)];
  if (!sorted.length) return <Nothing title="It is not known who called" />;
  if (isFall && sorted.every(one => one.values.every(value => value.calls === 0))) return <Nothing title="There were no calls to compare">Attributions tells who made those before.</Nothing>;
  return (
    <SpaceBetween size="m">
      <div className="legend">
        <span><i className="key" style={{ background: 'var(--ts-bar-now)' }} />Share of the insight’s calls</span>
        <span><i className="key" style={{ background: 'var(--ts-bar-before)' }} />Share of the calls of the 7 days before</span>
      </div>
      {different.length === 0 && <Nothing title="Nobody new, nothing else">The same callers did {isFall ? 'less' : 'more'} of the same.</Nothing>}
      <ColumnLayout columns={3} minColumnWidth={280}>
        {different.map(one => (
          <div key={one.attribute}>
            <Box variant="h3">{one.label} <Box variant="span" color="text-body-secondary" fontSize="body-s">{percent(one.difference)} different</Box></Box>
            {one.values.map(value => (
              <div className="pair" key={value.value + value.isOther}>
                <div className="pair-value">{value.short} {value.isNew && <span className="new">New</span>}</div>
                <div className="pair-bars" aria-hidden="true">
                  <div className="pair-now" style={{ width: `${100 * value.share}%` }} />
                  <div className="pair-before" style={{ width: `${100 * (value.baselineShare ?? 0)}%` }} />
                </div>
                <div className="pair-figures">{percent(value.share)} / {value.baselineShare === null ? '?' : percent(value.baselineShare)}</div>
              </div>
            ))}
          </div>
        ))}
      </ColumnLayout>
      {alike.length > 0 && different.length > 0 && <Box variant="small" color="text-body-secondary">Alike: {alike.map(one => one.label.toLowerCase()).join(', ')}.</Box>}
    </SpaceBetween>
  );
}
