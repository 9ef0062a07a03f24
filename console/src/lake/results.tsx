// What a run came to: how far it is, what it cost, its rows page by page.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiError, file } from '../api';
import { csv, download } from '../parts/download';
import { Failed, Loading, Nothing } from '../parts/states';
import { useUrlState } from '../parts/url';
import { bytes, count, millis, plural } from '../words';
import { everyRow, goesOn, page as pageOf, PAGE, type Results, type Run } from './asked';
import { numbersOf, ResultChart } from './chart';

/** What a column of long texts takes, at least. */
const NARROW = 130;
/** Below so much room, columns of a table cannot be read beside each other. */
const PHONE = 480;
/** Rows of a file that the browser makes. */
const MOST = 100_000;

export const STATES = {
  QUEUED: ['pending', 'Waiting for its turn'], RUNNING: ['in-progress', 'Running'], FINISHED: ['success', 'Finished'],
  FAILED: ['error', 'Failed'], CANCELLED: ['stopped', 'Cancelled'], TIMED_OUT: ['error', 'Took too long'],
} as const;

interface Props { run: Run; cancel: () => void; show: (() => void) | null; error: ApiError | null }

export function RunShown({ run, cancel, show, error }: Props) {
  const [kind, text] = STATES[run.QueryStatus];
  const { BytesScanned, EventsScanned, ExecutionTimeInMillis } = run.QueryStatistics;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={<span className="nowrap-parts">
            <StatusIndicator type={kind}>{text}</StatusIndicator>
            <span>{millis(ExecutionTimeInMillis)}</span>
            <span>{bytes(BytesScanned)} scanned</span>
            <span>{plural(EventsScanned, 'event')} looked at</span>
          </span>}
          actions={goesOn(run.QueryStatus) ? <Button onClick={cancel}>Cancel</Button> : run.QueryStatus === 'FINISHED' ? <Actions id={run.QueryId} /> : undefined}
        >
          Results
        </Header>
      }
    >
      {error && <Failed error={error} what="the run" />}
      {goesOn(run.QueryStatus) ? (
        <Box padding={{ vertical: 'l' }} color="text-body-secondary">{run.QueryStatus === 'QUEUED' ? 'Two queries run at once; this one is next, or next but one.' : 'It goes on if you leave this page: the tab “Runs” has it.'}</Box>
      ) : run.QueryStatus === 'FINISHED' ? (
        <Rows id={run.QueryId} />
      ) : run.QueryStatus === 'CANCELLED' ? (
        <Nothing title="It was cancelled">What it had found so far is not kept.</Nothing>
      ) : (
        <Alert type="error" header={text} action={show && <Button onClick={show}>Show the place</Button>}>{run.ErrorMessage ?? 'Nothing more is known of it.'}</Alert>
      )}
    </Container>
  );
}

/** One page of it. */
function usePage(id: string) {
  const [state] = useUrlState();
  const number = Math.max(1, Number(state.page) || 1);
  return { number, asked: useQuery<Results, ApiError>({ queryKey: ['cloudtrail', 'GetQueryResults', id, number], queryFn: () => pageOf(id, number), staleTime: Infinity, placeholderData: before => before }) };
}

function Actions({ id }: { id: string }) {
  const [state, set] = useUrlState();
  const { asked } = usePage(id);
  const [told, tell] = useState('');
  const [isSaving, setSaving] = useState(false);
  const name = `query-${id.slice(0, 8)}`;
  const asCsv = async () => {
    const all = await everyRow(id, MOST, rows => tell(`${count(rows)} rows`));
    download(`${name}.csv`, 'text/csv', csv(all.columns, all.rows));
    tell(all.next ? `The first ${count(all.rows.length)} rows: Parquet has all, and so has trailsight query.` : '');
  };
  const asParquet = async () => download(`${name}.parquet`, 'application/vnd.apache.parquet', await file(`query-results/${id}`));
  const save = async (as: () => Promise<void>) => {
    tell('');
    setSaving(true);
    try {
      await as();
    } catch (fault) {
      tell(`It was not saved: ${(fault as ApiError).message}`);
    } finally {
      setSaving(false);
    }
  };
  return (
    <SpaceBetween size="xs" direction="horizontal" alignItems="center">
      {told && <span role="status"><Box variant="small" color="text-body-secondary">{told}</Box></span>}
      {asked.data && numbersOf(asked.data).length > 0 && (
        <SegmentedControl label="As what it is shown" selectedId={state.view === 'chart' ? 'chart' : 'table'} onChange={({ detail }) => set({ view: detail.selectedId === 'chart' ? 'chart' : undefined })} options={[{ id: 'table', text: 'Table' }, { id: 'chart', text: 'Chart' }]} />
      )}
      <Button iconName="download" disabled={isSaving || !asked.data?.rows.length} onClick={() => void save(asCsv)}>CSV</Button>
      <Button iconName="download" disabled={isSaving || !asked.data?.rows.length} onClick={() => void save(asParquet)}>Parquet</Button>
    </SpaceBetween>
  );
}

function Rows({ id }: { id: string }) {
  const [state, set] = useUrlState();
  const { number, asked } = usePage(id);
  const [room, setRoom] = useState(0);
  if (asked.error) {
    return asked.error.code.startsWith('QueryId') ? <Nothing title="This result is gone">Results are kept for seven days: run it again.</Nothing> : <Failed error={asked.error} what="the results" retry={() => void asked.refetch()} />;
  }
  if (!asked.data) return <Loading what="the results" />;
  const { data } = asked;
  if (state.view === 'chart') return <ResultChart id={id} />;
  if (!data.total) return <Nothing title="No event matches">What was counted is in the lake within a minute. Times are UTC, and texts are told apart by upper and lower case.</Nothing>;
  const isWhole = state.whole === 'true';
  const { widths, isCut } = fitted(data, room);
  const numbers = new Set(data.columns.map((_, index) => index).filter(index => data.rows.every(row => /^(-?\d+(\.\d+)?(e-?\d+)?)?$/i.test(row[index]!))));
  const cell = (value: string, className: string) => <span className={className} title={isWhole || value.length < 80 ? undefined : value}>{value === '' ? <span className="soft">–</span> : value}</span>;
  const isNarrow = room > 0 && room < PHONE && data.columns.length > 2;
  const header = (
    <div className="table-head">
      <span className="soft">{plural(data.total, 'row')}{data.total > PAGE ? `, ${PAGE} a page` : ''}{isCut && !isNarrow ? `; ${plural(data.columns.length, 'column')}, the last ones further right` : ''}</span>
      <SpaceBetween size="s" direction="horizontal" alignItems="center">
        <Toggle checked={isWhole} onChange={({ detail }) => set({ whole: detail.checked ? 'true' : undefined })}>Whole values</Toggle>
        {data.total > PAGE && (
          <Pagination
            currentPageIndex={number}
            pagesCount={Math.ceil(data.total / PAGE)}
            onChange={({ detail }) => set({ page: detail.currentPageIndex === 1 ? undefined : String(detail.currentPageIndex) }, true)}
            ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: page => `Page ${page}`, paginationLabel: 'Pages of rows' }}
          />
        )}
      </SpaceBetween>
    </div>
  );
  return (
    <div ref={box => { if (box) setRoom(box.clientWidth); }}>
      {isNarrow ? <>
        {header}
        <ul className="rows" aria-label="Rows of the result">
          {data.rows.map((row, at) => (
            <li key={at}>
              <dl className="facts">{row.map((value, index) => <div key={index} style={{ display: 'contents' }}><dt>{data.columns[index]}</dt><dd>{cell(value, isWhole ? 'cell-whole' : 'cell-short')}</dd></div>)}</dl>
            </li>
          ))}
        </ul>
      </> : <Table
        key={widths.join()}
        variant="embedded"
        contentDensity="compact"
        wrapLines
        resizableColumns={data.columns.length > 1}
        items={data.rows.map((row, index) => ({ row, index }))}
        trackBy={item => String(item.index)}
        ariaLabels={{ tableLabel: 'Rows of the result', resizerRoleDescription: 'Handle to change the width' }}
        columnDefinitions={data.columns.map((label, index) => ({
          id: `${index}-${label}`,
          header: numbers.has(index) ? <div className="num">{label}</div> : label,
          minWidth: 90,
          width: widths[index],
          cell: ({ row }: { row: string[]; index: number }) => cell(row[index]!, numbers.has(index) ? 'cell-number' : isWhole ? 'cell-whole' : 'cell-short'),
        }))}
        header={header}
      />}
    </div>
  );
}

/** The widths of columns: all of them in the room that there is, if long texts may take more lines for it; and whether some do not fit. */
function fitted(data: Results, room: number): { widths: number[]; isCut: boolean } {
  const wanted = data.columns.map((_, index) => widthOf(data, index));
  const all = sum(wanted);
  if (!room || all <= room) return { widths: wanted, isCut: false };
  // What is wider than the narrowest that a long text may be gives what it has more, each in its proportion.
  const over = wanted.map(width => Math.max(0, width - NARROW));
  const given = Math.min(1, (all - room) / (sum(over) || 1));
  const widths = wanted.map((width, index) => Math.floor(width - over[index]! * given));
  return { widths, isCut: sum(widths) > room };
}

const sum = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0);

/** As wide as what stands in it, within reason. */
function widthOf({ columns, rows }: Results, index: number): number {
  const longest = Math.max(columns[index]!.length + 3, ...rows.slice(0, 50).map(row => Math.min(row[index]!.length, 60)));
  return Math.min(Math.max(longest * 7.4 + 30, 90), 340);
}
