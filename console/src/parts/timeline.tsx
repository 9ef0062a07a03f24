// The calls of an API over time: what came, what was expected, what would have been usual, and what was found.
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import 'uplot/dist/uPlot.min.css';
import { useMemo, useRef } from 'react';
import type uPlot from 'uplot';
import { type Parameters, useGet } from '../api';
import type { Insight, Timeline as Data } from '../api-types';
import { figure } from '../words';
import { Time } from './bits';
import { type About, Chart, RARE } from './chart';
import { download } from './download';
import { useSession } from './session';
import { Failed, Loading } from './states';
import { useUrlState } from './url';

/** Of what, and how it is asked for. */
export interface Shown {
  path: string;
  parameters: Parameters;
  about: About;
  /** Spans that can be chosen, and what each of them asks for; the control has six places in a row. */
  spans: Array<{ id: string; text: string; asked: { from?: number; until?: number } }>;
  /** The one that is chosen if nothing is said. */
  usual: string;
  isGoingOn: boolean;
  /** For the picture that is saved. */
  title: string;
  file: string;
  would?: Array<{ start: number; end: number | null }>;
}

/** Seconds that are expected ahead of now. */
const AHEAD = 3600;
/** Hours around an insight. */
const AROUND: Record<string, number> = { '1h': 1, '3h': 3, '12h': 12, '1d': 24, '7d': 168 };

export const ofInsight = (insight: Insight): Shown => ({
  path: `insights/${insight.id}/timeline`,
  parameters: {},
  about: { id: insight.id, start: insight.start, until: insight.until, isRare: insight.baselineAverage < RARE },
  spans: [{ id: 'auto', text: 'Fit', asked: {} }, ...Object.entries(AROUND).map(([id, hours]) => ({ id, text: id, asked: around(insight, hours) }))],
  usual: 'auto',
  isGoingOn: insight.state === 'ongoing',
  title: `${insight.title} · ${insight.source} · ${insight.region} · ${insight.account} (UTC)`,
  file: `${insight.name}-${new Date(insight.start * 1000).toISOString().slice(0, 16).replace(':', '')}`,
});

export function Timeline(shown: Shown) {
  const [state, set] = useUrlState();
  const plot = useRef<uPlot | null>(null);
  const { now } = useSession();
  const zoomed = state.from && state.to ? { from: Number(state.from), until: Number(state.to) } : null;
  const span = shown.spans.find(one => one.id === (state.span ?? shown.usual)) ?? shown.spans[0]!;
  const asked = zoomed ?? span.asked;
  const timeline = useGet<Data>(shown.path, { ...shown.parameters, ...asked }, {
    refetchInterval: shown.isGoingOn ? 30_000 : false,
    placeholderData: before => before,
  });
  const data = timeline.data;
  const rows = useMemo(() => (data ? table(data) : []), [data]);
  if (!data) return timeline.error ? <Failed error={timeline.error} what="the timeline" retry={() => void timeline.refetch()} /> : <div style={{ minHeight: 360 }}><Loading what="the timeline" /></div>;
  const per = data.stepSeconds / 60;
  const until = data.from + data.expected.length * data.stepSeconds;
  // Further than what can be expected there is nothing to be seen.
  const zoom = (from: number, to: number) => {
    const beyond = Math.max(0, to - (now + AHEAD));
    set({ from: String(Math.round(from - beyond)), to: String(Math.round(to - beyond)), span: undefined });
  };
  const move = (times: number) => zoom(data.from + times * (until - data.from), until + times * (until - data.from));
  return (
    <SpaceBetween size="s">
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 12, justifyContent: 'space-between', alignItems: 'center' }}>
        <div style={{ flex: '1 1 480px', maxWidth: '100%' }}><SegmentedControl
          label="How much is shown"
          selectedId={zoomed ? null : span.id}
          onChange={({ detail }) => set({ span: detail.selectedId === shown.usual ? undefined : detail.selectedId, from: undefined, to: undefined })}
          options={shown.spans.map(({ id, text }) => ({ id, text }))}
        /></div>
        <SpaceBetween size="s" direction="horizontal" alignItems="center">
          <Button variant="inline-icon" iconName="angle-left" ariaLabel="Earlier" onClick={() => move(-0.5)} />
          <Button variant="inline-icon" iconName="angle-right" ariaLabel="Later" onClick={() => move(0.5)} disabled={data.calls.length < data.expected.length} />
          {zoomed && <Button variant="inline-link" onClick={() => set({ from: undefined, to: undefined })}>Zoom out</Button>}
          <Toggle checked={state.scale === 'log'} onChange={({ detail }) => set({ scale: detail.checked ? 'log' : undefined })}>Log scale</Toggle>
          <Toggle checked={state.view === 'table'} onChange={({ detail }) => set({ view: detail.checked ? 'table' : undefined })}>As a table</Toggle>
          <Button iconName="download" onClick={() => picture(plot.current, shown)} disabled={state.view === 'table'}>PNG</Button>
        </SpaceBetween>
      </div>
      {timeline.error && <Failed error={timeline.error} what="the timeline" />}
      {state.view === 'table' ? (
        <Table
          variant="embedded"
          contentDensity="compact"
          items={rows}
          header={<span className="soft">{rows.length === 500 ? 'The 500 steps with the most calls and those of insights' : `${rows.length} steps of ${per} min with calls, or amid an insight`}; calls a minute.</span>}
          columnDefinitions={[
            { id: 'at', header: 'Time (UTC)', isRowHeader: true, cell: row => <Time at={row.at} /> },
            { id: 'calls', header: 'Calls a minute', cell: row => <div className="num">{row.calls === null ? 'not known' : figure(row.calls)}</div> },
            ...(per > 1 ? [{ id: 'most', header: 'Busiest minute', cell: (row: Row) => <div className="num">{row.most === null ? '' : figure(row.most)}</div> }] : []),
            { id: 'expected', header: 'Expected', cell: row => <div className="num">{figure(row.expected)}</div> },
            { id: 'usual', header: 'Usual range', cell: row => <div className="num">{figure(row.low)} to {figure(row.high)}</div> },
            { id: 'insight', header: 'Insight', cell: row => row.insight },
          ]}
        />
      ) : (
        <>
          <Chart
            data={data}
            about={shown.about}
            would={shown.would}
            isLog={state.scale === 'log'}
            plotRef={plot}
            zoom={zoom}
            move={move}
            reset={() => set({ from: undefined, to: undefined })}
          />
          <div className="legend">
            <span><i className="key key-actual" />Calls a minute{per > 1 ? ` (mean of ${per} min)` : ''}</span>
            {per > 1 && <span><i className="key key-peak" />Busiest minute of each</span>}
            <span><i className="key key-expected" />Expected</span>
            <span><i className="key key-band" />Usual: 9 of 10</span>
            {data.insights.some(one => !one.isHeldBack && one.direction === 'increase') && <span><i className="key key-shade" />Insight</span>}
            {data.insights.some(one => !one.isHeldBack && one.direction === 'decrease') && <span><i className="key key-fall" />Insight: a fall</span>}
            {data.insights.some(one => one.isHeldBack) && <span><i className="key key-held" />Held back: told to nobody</span>}
            {shown.would && <span><i className="key key-would" />Would be told, by the slider</span>}
            {data.isKnown.includes(false) && <span><i className="key key-unknown" />No logs: not known</span>}
            <span>Drag to zoom, with Shift to move along; double-click to zoom out; ← → to read values</span>
          </div>
        </>
      )}
    </SpaceBetween>
  );
}

function around(insight: Insight, hours: number) {
  const length = hours * 3600;
  const spare = Math.max(length - (insight.until - insight.start), length / 3);
  const until = insight.until + spare / 4;
  return { from: Math.round(insight.start - (spare * 3) / 4), until: Math.round(until) };
}

type Row = ReturnType<typeof table>[number];

function table(data: Data) {
  const per = data.stepSeconds / 60;
  const amid = (at: number) => data.insights.filter(one => at + data.stepSeconds > one.start && (one.end === null || at < one.end));
  const all = data.calls.map((calls, index) => {
    const at = data.from + index * data.stepSeconds;
    return {
      at,
      calls: data.isKnown[index] ? calls / per : null,
      most: data.isKnown[index] ? data.most[index]! : null,
      expected: data.expected[index]! / per,
      low: data.low[index]! / per,
      high: data.high[index]! / per,
      insight: amid(at).reduce((word, one) => (one.isHeldBack ? word || 'held back' : 'yes'), ''),
    };
  });
  const told = all.filter(row => row.calls !== 0 || row.insight);
  if (told.length <= 500) return told;
  return [...told].sort((a, b) => Number(!!b.insight) - Number(!!a.insight) || (b.calls ?? 0) - (a.calls ?? 0)).slice(0, 500).sort((a, b) => a.at - b.at);
}

function picture(plot: uPlot | null, shown: Shown) {
  if (!plot) return;
  const { canvas } = plot.ctx;
  const copy = document.createElement('canvas');
  const head = 44 * devicePixelRatio;
  [copy.width, copy.height] = [canvas.width, canvas.height + head];
  const context = copy.getContext('2d')!;
  const style = getComputedStyle(document.body);
  context.fillStyle = style.getPropertyValue('--ts-panel').trim() || '#fff';
  context.fillRect(0, 0, copy.width, copy.height);
  context.fillStyle = style.getPropertyValue('--ts-text').trim() || '#000';
  context.font = `${14 * devicePixelRatio}px sans-serif`;
  context.fillText(shown.title, 12 * devicePixelRatio, 26 * devicePixelRatio);
  context.drawImage(canvas, 0, head);
  copy.toBlob(blob => {
    if (!blob) return;
    download(`${shown.file}.png`, 'image/png', blob);
  });
}
