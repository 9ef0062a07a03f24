// A picture of a result whose first column is a time or a name, and another one a number.
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQuery } from '@tanstack/react-query';
import type { ApiError } from '../api';
import { Failed, Loading, Nothing } from '../parts/states';
import { useUrlState } from '../parts/url';
import { figure } from '../words';
import { results, type Results, useRun } from './asked';
import { isInUtc } from './statement';

/** Rows of the picture. */
const MOST = 1000;
/** Bars that a reader can tell apart. */
const BARS = 30;

const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text));
const isTime = (text: string) => /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text);

/** The columns that are numbers, if the first one names what they are of. */
export function numbersOf({ columns, rows }: Results): number[] {
  const is = (index: number) => rows.some(row => row[index] !== '') && rows.every(row => row[index] === '' || isNumber(row[index]!));
  if (rows.length < 2 || is(0)) return [];
  return columns.map((_, index) => index).filter(index => index > 0 && is(index));
}

export function ResultChart({ id }: { id: string }) {
  const [state, set] = useUrlState();
  const statement = useRun(id).data?.QueryString ?? '';
  const asked = useQuery<Results, ApiError>({ queryKey: ['cloudtrail', 'GetQueryResults', id, 'chart'], queryFn: () => results(id, MOST), staleTime: Infinity });
  if (asked.error) return <Failed error={asked.error} what="the chart" retry={() => void asked.refetch()} />;
  if (!asked.data) return <Loading what="the chart" />;
  const { data } = asked;
  const numbers = numbersOf(data);
  if (!numbers.length) return <Nothing title="This result makes no chart">One is made where the first column is a time or a name, and another one a number.</Nothing>;
  const column = numbers.find(index => data.columns[index] === state.y) ?? numbers[0]!;
  const points = data.rows.map(row => ({ name: row[0]!, value: Number(row[column]) || 0 }));
  const isOfTime = points.every(point => isTime(point.name));
  return (
    <SpaceBetween size="s">
      {numbers.length > 1 && (
        <FormField label="Number">
          <Select
            selectedOption={{ value: data.columns[column]!, label: data.columns[column]! }}
            options={numbers.map(index => ({ value: data.columns[index]!, label: data.columns[index]! }))}
            onChange={({ detail }) => set({ y: detail.selectedOption.value })}
          />
        </FormField>
      )}
      {isOfTime ? <OverTime points={points} label={data.columns[column]!} zone={isInUtc(statement) ? ' UTC' : ''} /> : <ByName points={points} label={data.columns[column]!} />}
      {data.rows.length < data.total && <span className="soft">Of the first {MOST.toLocaleString('en-US')} rows.</span>}
    </SpaceBetween>
  );
}

interface Point { name: string; value: number }

function OverTime({ points, label, zone }: { points: Point[]; label: string; zone: string }) {
  const at = (point: Point) => Date.parse(`${point.name.replace(' ', 'T').slice(0, 19)}Z`);
  const sorted = [...points].sort((a, b) => at(a) - at(b));
  const [first, last] = [at(sorted[0]!), at(sorted.at(-1)!)];
  // As wide as the shortest step between two of them; what is not there is zero.
  const step = sorted.slice(1).reduce((least, point, index) => Math.min(least, at(point) - at(sorted[index]!) || least), last - first || 1);
  const span = last - first + step;
  const top = Math.max(...sorted.map(point => point.value), 1e-9);
  const [width, height] = [1000, 240];
  const most = sorted.reduce((best, point) => (point.value > best.value ? point : best));
  return (
    <div>
      <div className="soft">{label}, up to {figure(top)}</div>
      <svg className="columns" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={`${label} over time: from ${sorted[0]!.name} to ${sorted.at(-1)!.name}; most at ${most.name}: ${figure(most.value)}`}>
        {sorted.map((point, index) => {
          const tall = Math.max((height * point.value) / top, point.value > 0 ? 1.5 : 0);
          return (
            <rect key={index} x={(width * (at(point) - first)) / span} y={height - tall} width={Math.max((width * step) / span - 0.6, 0.8)} height={tall}>
              <title>{`${point.name}: ${figure(point.value)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className="bars-axis" aria-hidden="true"><span>{sorted[0]!.name.slice(0, 16)}</span><span>{sorted.at(-1)!.name.slice(0, 16)}{zone}</span></div>
    </div>
  );
}

function ByName({ points, label }: { points: Point[]; label: string }) {
  const shown = points.slice(0, BARS);
  const top = Math.max(...shown.map(point => Math.abs(point.value)), 1e-9);
  return (
    <div role="img" aria-label={`${label}: ${shown.slice(0, 5).map(point => `${point.name || 'nothing'} ${figure(point.value)}`).join(', ')}${points.length > 5 ? ' …' : ''}`}>
      <div className="soft">{label}{points.length > BARS ? `, the first ${BARS} rows` : ''}</div>
      {shown.map((point, index) => (
        <div className="named-bar" key={index} aria-hidden="true">
          <span className="named-bar-name" title={point.name}>{point.name || '–'}</span>
          <span className="named-bar-room"><span className="named-bar-bar" style={{ width: `${(100 * Math.abs(point.value)) / top}%` }} /></span>
          <span className="num">{figure(point.value)}</span>
        </div>
      ))}
    </div>
  );
}
