// The canvas: uPlot, with bars where calls are rare, a shade for each insight, and keys that read it out.
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import uPlot from 'uplot';
import type { Timeline } from '../api-types';
import { clock, figure } from '../words';
import { pannable } from './pan';
import { useIsDark } from './theme';

/** What a timeline is about: an insight, or any series, whose `id` is null. */
export interface About {
  id: string | null;
  /** Where the reader's eye begins, and ends. */
  start: number;
  until: number;
  /** Calls are so rare that bars say more than a line. */
  isRare: boolean;
}

interface Props {
  data: Timeline;
  about: About;
  /** What would have been told, had something else been asked for: drawn at the top. */
  would?: Array<{ start: number; end: number | null }>;
  isLog: boolean;
  plotRef: RefObject<uPlot | null>;
  zoom: (from: number, until: number) => void;
  /** Shows what was earlier or comes later, by so many times what is shown. */
  move: (times: number) => void;
  reset: () => void;
}

const HEIGHT = 300;
/** Below so many calls a minute a line between zeros says nothing: bars do. */
export const RARE = 2;

export function Chart({ data, about, would, isLog, plotRef, zoom, move, reset }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const isDark = useIsDark();
  const [read, setRead] = useState<number | null>(null);
  // Whatever is called from the plot is as it is now, not as it was when the plot was made.
  const latest = useRef({ data, would, zoom, move, reset });
  latest.current = { data, would, zoom, move, reset };
  const columns = useMemo(() => toColumns(data, isLog), [data, isLog]);
  const most = useMemo(() => Math.max(...data.most, ...data.high.map(high => (high / data.stepSeconds) * 60), 0), [data]);
  const isRare = about.isRare && columns[0].length <= 2200;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // The mode's class is on the body: above it the colours are always those of light.
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(`--ts-${name}`).trim();
    const axis = { stroke: colour('soft'), grid: { stroke: colour('grid'), width: 1 }, ticks: { stroke: colour('grid'), width: 1 }, font: "12px 'Open Sans', sans-serif" };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        tzDate: at => uPlot.tzDate(new Date(at * 1000), 'UTC'),
        legend: { show: false },
        cursor: {
          drag: { x: true, y: false, setScale: false },
          points: { size: 7 },
          // With Shift it is moved along, and nothing is selected.
          bind: { mousedown: (_, __, select) => event => (event.shiftKey ? null : select(event)) },
        },
        scales: {
          x: { time: true },
          y: isLog ? { distr: 3, log: 10, range: [0.01, Math.max(most * 1.5, 1)] } : { range: (_, __, max) => [0, Math.max(max * 1.08, 0.5)] },
        },
        axes: [
          { ...axis, values: (_, ticks, __, ___, increment) => ticks.map(tick => label(tick, increment)) },
          { ...axis, size: 58, values: (_, ticks) => ticks.map(tick => (tick === null ? '' : figure(tick))) },
        ],
        bands: [{ series: [4, 3], fill: colour('band') }],
        series: [
          {},
          isRare
            ? { label: 'Calls', stroke: colour('actual'), fill: colour('actual'), width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.9, 14], align: 1 }) }
            : { label: 'Calls', stroke: colour('actual'), width: 1.6, points: { show: false }, paths: uPlot.paths.stepped!({ align: 1 }) },
          { label: 'Expected', stroke: colour('expected'), width: 1.4, dash: [6, 4], points: { show: false } },
          { label: 'Low', stroke: 'transparent', points: { show: false } },
          { label: 'High', stroke: 'transparent', points: { show: false } },
          // Over weeks, a mean hides what lasted minutes.
          { label: 'Busiest minute', stroke: colour('peak'), width: 1, points: { show: false }, paths: uPlot.paths.stepped!({ align: 1 }), show: data.stepSeconds > 60 },
        ],
        hooks: {
          drawClear: [
            u => {
              const { ctx } = u;
              const { left, top, width, height } = u.bbox;
              const x = (at: number) => Math.min(Math.max(u.valToPos(at, 'x', true), left), left + width);
              ctx.save();
              const { data: now } = latest.current;
              // What is not known is hatched, so that nobody takes it for zero.
              for (const [from, until] of unknown(now)) {
                ctx.fillStyle = colour('unknown');
                ctx.fillRect(x(from), top, x(until) - x(from), height);
              }
              const end = now.from + now.expected.length * now.stepSeconds;
              for (const one of now.insights) {
                const [a, b] = [x(one.start), x(one.end ?? (one.id === about.id ? Math.max(about.until, one.start + 60) : end))];
                const isThis = one.id === about.id;
                ctx.fillStyle = colour(one.isHeldBack ? 'shade-held' : one.direction === 'decrease' ? 'shade-fall' : isThis ? 'shade' : 'shade-other');
                ctx.fillRect(a, top, Math.max(b - a, 2), height);
                ctx.strokeStyle = colour(one.isHeldBack ? 'cool' : one.direction === 'decrease' ? 'fall' : isThis ? 'hot' : 'warm');
                ctx.lineWidth = isThis ? 2 : 1;
                // What was told to nobody is broken lines.
                ctx.setLineDash(one.isHeldBack ? [4 * devicePixelRatio, 4 * devicePixelRatio] : []);
                ctx.beginPath();
                ctx.moveTo(a, top);
                ctx.lineTo(a, top + height);
                if (one.end !== null) { ctx.moveTo(b, top); ctx.lineTo(b, top + height); }
                ctx.stroke();
              }
              ctx.setLineDash([]);
              ctx.fillStyle = colour('accent');
              for (const one of latest.current.would ?? []) {
                if (one.start > end || (one.end ?? end) < now.from) continue;
                const [a, b] = [x(one.start), x(one.end ?? end)];
                ctx.fillRect(a, top, Math.max(b - a, 4 * devicePixelRatio), 7 * devicePixelRatio);
              }
              ctx.restore();
            },
          ],
          setCursor: [u => setRead(u.cursor.idx ?? null)],
          setSelect: [
            u => {
              if (u.select.width < 8) return;
              latest.current.zoom(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      columns as unknown as uPlot.AlignedData,
      element,
    );
    plotRef.current = plot;
    const over = plot.over;
    over.tabIndex = 0;
    over.setAttribute('role', 'application');
    over.setAttribute('aria-label', 'Timeline of calls. Left and right read the values, Home goes to where it begins, Page Up and Page Down show what was earlier and later; the table says the same.');
    const keys = (event: KeyboardEvent) => {
      const { data: now } = latest.current;
      const half = { PageUp: -0.5, PageDown: 0.5 }[event.key];
      if (half !== undefined) {
        event.preventDefault();
        latest.current.move(half);
        return;
      }
      const last = now.expected.length - 1;
      const at = plot.cursor.idx ?? Math.round((about.start - now.from) / now.stepSeconds);
      const by = event.shiftKey ? 10 : 1;
      const next = { ArrowLeft: at - by, ArrowRight: at + by, Home: Math.round((about.start - now.from) / now.stepSeconds) }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const index = Math.min(Math.max(next, 0), last);
      plot.setCursor({ left: plot.valToPos(now.from + index * now.stepSeconds, 'x'), top: HEIGHT / 3 });
      setRead(index);
    };
    const out = () => latest.current.reset();
    over.addEventListener('keydown', keys);
    over.addEventListener('dblclick', out);
    // The last step is drawn from its beginning on, and is shown whole.
    const stay = pannable(plot, (from, last) => latest.current.zoom(from, last + latest.current.data.stepSeconds));
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      stay();
      over.removeEventListener('keydown', keys);
      over.removeEventListener('dblclick', out);
      plot.destroy();
      plotRef.current = null;
    };
  }, [columns, isDark, isLog, isRare, most, data.stepSeconds, about.id, about.start, about.until, plotRef]);

  // Without its scales anew: a plot that was just made has none yet.
  useEffect(() => plotRef.current?.redraw(false), [would, plotRef]);

  return (
    <div className="chart">
      <div className="chart-read" role="status" aria-live="polite">{read === null ? ' ' : words(data, read)}</div>
      <div ref={box} style={{ minHeight: HEIGHT }} />
    </div>
  );
}

/** Calls a minute, whatever the step. On a scale of powers zero has no place. */
function toColumns(data: Timeline, isLog: boolean): [number[], ...(number | null)[][]] {
  const per = data.stepSeconds / 60;
  const value = (number: number | undefined) => (number === undefined ? null : isLog && number <= 0 ? null : number / per);
  const indices = data.expected.map((_, index) => index);
  const known = (index: number, number: number | undefined) => (data.isKnown[index] ? value(number) : null);
  return [
    indices.map(index => data.from + index * data.stepSeconds),
    indices.map(index => known(index, data.calls[index])),
    indices.map(index => known(index, data.expected[index])),
    indices.map(index => (isLog ? known(index, Math.max(data.low[index]!, 0.01 * per)) : known(index, data.low[index]))),
    indices.map(index => known(index, data.high[index])),
    indices.map(index => known(index, data.most[index] === undefined ? undefined : data.most[index] * per)),
  ];
}

function* unknown(data: Timeline): Generator<[number, number]> {
  let from: number | null = null;
  for (let index = 0; index <= data.isKnown.length; index++) {
    const at = data.from + index * data.stepSeconds;
    const isUnknown = index < data.isKnown.length && !data.isKnown[index];
    if (isUnknown && from === null) from = at;
    if (!isUnknown && from !== null) {
      yield [from, at];
      from = null;
    }
  }
}

function label(at: number, increment: number): string {
  const text = clock(at);
  if (increment >= 86_400) return text.slice(5, 10);
  return text.endsWith('00:00') ? `${text.slice(11)}\n${text.slice(5, 10)}` : text.slice(11);
}

function words(data: Timeline, index: number): string {
  const per = data.stepSeconds / 60;
  const at = data.from + index * data.stepSeconds;
  const calls = data.calls[index];
  const said = !data.isKnown[index] ? 'no logs, not known' : calls === undefined ? 'still to come' : `${figure(calls / per)} calls a minute${per > 1 ? `, ${figure(data.most[index]!)} in the busiest` : ''}`;
  const found = data.insights.some(one => at + data.stepSeconds > one.start && (one.end === null || at < one.end));
  return `${clock(at)} UTC: ${said}; ${figure(data.expected[index]! / per)} expected, ${figure(data.low[index]! / per)} to ${figure(data.high[index]! / per)} usual${found ? '; amid an insight' : ''}`;
}
