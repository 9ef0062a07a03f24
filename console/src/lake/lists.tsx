// Statements that there are already: runs of seven days, what somebody saved, samples.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiError, aws, forget, useGet } from '../api';
import type { LakeSchema, SavedQueries } from '../api-types';
import { Small, Time } from '../parts/bits';
import { Failed, Nothing, Refused } from '../parts/states';
import { useUrlState } from '../parts/url';
import { bytes, count, millis } from '../words';
import { asking, type Run, type RunState } from './asked';
import { STATES } from './results';
import { SAMPLES } from './samples';

interface Listed { QueryId: string; QueryStatus: RunState; CreationTime: number }

const LINES = 20;

/** Runs are listed by store, as with AWS; one that names two is one. */
async function runs(schema: LakeSchema): Promise<Listed[]> {
  const stores = schema.stores.filter(store => store.status !== 'PENDING_DELETION');
  const lists = await Promise.all(stores.map(async store => {
    const all: Listed[] = [];
    let NextToken: string | undefined;
    do {
      const page = await aws<{ Queries?: Listed[]; NextToken?: string }>('cloudtrail', 'ListQueries', { EventDataStore: store.arn, NextToken });
      all.push(...(page.Queries ?? []));
      NextToken = page.NextToken;
    } while (NextToken && all.length < 2000);
    return all;
  }));
  const each = new Map(lists.flat().map(run => [run.QueryId, run]));
  return [...each.values()].sort((a, b) => b.CreationTime - a.CreationTime);
}

export function Runs({ schema, open }: { schema: LakeSchema; open: (run: Run) => void }) {
  const [state, set] = useUrlState();
  const asked = useQuery<Listed[], ApiError>({ queryKey: ['cloudtrail', 'ListQueries'], queryFn: () => runs(schema), refetchInterval: 5_000 });
  const number = Math.max(1, Number(state.runs) || 1);
  const listed = (asked.data ?? []).slice((number - 1) * LINES, number * LINES);
  const told = useQueries({ queries: listed.map(run => asking(run.QueryId, 2_000)) });
  if (asked.error && !asked.data) return <Failed error={asked.error} what="the runs" retry={() => void asked.refetch()} />;
  return (
    <Table
      items={listed.map((run, index) => ({ run, whole: told[index]?.data, fault: told[index]?.error }))}
      loading={asked.isPending}
      loadingText="Loading the runs…"
      trackBy={item => item.run.QueryId}
      wrapLines
      contentDensity="compact"
      header={<Header counter={asked.data ? `(${count(asked.data.length)})` : undefined} description="Of the last seven days, whoever started them; as long as their results are kept.">Runs</Header>}
      columnDefinitions={[
        { id: 'at', header: 'Started (UTC)', minWidth: 130, cell: ({ run }) => <Time at={run.CreationTime} short seconds /> },
        { id: 'statement', header: 'Statement', isRowHeader: true, minWidth: 280, cell: ({ whole, fault }) => whole ? <Button variant="inline-link" className="statement-link" onClick={() => open(whole)}><span className="mono cell-short">{whole.QueryString}</span></Button> : fault ? `It is not known: ${fault.message}` : '…' },
        { id: 'state', header: 'State', minWidth: 120, cell: ({ run, whole }) => { const [kind, text] = STATES[whole?.QueryStatus ?? run.QueryStatus]; return <StatusIndicator type={kind} wrapText={false}>{text}</StatusIndicator>; } },
        { id: 'cost', header: 'Took', minWidth: 100, cell: ({ whole, fault }) => whole ? <>{millis(whole.QueryStatistics.ExecutionTimeInMillis)}<Small>{bytes(whole.QueryStatistics.BytesScanned)} scanned</Small></> : fault ? '–' : '…' },
      ]}
      pagination={asked.data && asked.data.length > LINES ? (
        <Pagination currentPageIndex={number} pagesCount={Math.ceil(asked.data.length / LINES)} onChange={({ detail }) => set({ runs: detail.currentPageIndex === 1 ? undefined : String(detail.currentPageIndex) }, true)} ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: page => `Page ${page}`, paginationLabel: 'Pages of runs' }} />
      ) : undefined}
      empty={<Nothing title="Nothing was asked in seven days">A statement that is run stands here until its result is forgotten.</Nothing>}
    />
  );
}

export function Saved({ open }: { open: (statement: string) => void }) {
  const saved = useGet<SavedQueries>('lake/saved');
  const queries = useQueryClient();
  const [error, setError] = useState<ApiError | null>(null);
  const remove = async (name: string) => {
    try {
      setError(null);
      queries.setQueryData(['lake/saved', {}], await forget<SavedQueries>('lake/saved', { name }));
    } catch (fault) {
      setError(fault as ApiError);
    }
  };
  if (saved.error && !saved.data) return <Failed error={saved.error} what="the saved queries" retry={() => void saved.refetch()} />;
  return (
    <SpaceBetween size="m">
      {error && <Refused error={error} what="It was not deleted" />}
      <Table
        items={saved.data?.queries ?? []}
        loading={saved.isPending}
        loadingText="Loading the saved queries…"
        trackBy="name"
        wrapLines
        contentDensity="compact"
        header={<Header counter={saved.data ? `(${saved.data.queries.length})` : undefined} description="Kept by the service: whoever comes here has them, too.">Saved queries</Header>}
        columnDefinitions={[
          { id: 'name', header: 'Name', isRowHeader: true, minWidth: 160, cell: one => <Button variant="inline-link" className="statement-link" onClick={() => open(one.statement)}>{one.name}</Button> },
          { id: 'statement', header: 'Statement', minWidth: 260, cell: one => <span className="mono cell-short">{one.statement}</span> },
          { id: 'at', header: 'Saved (UTC)', minWidth: 130, cell: one => <><Time at={one.savedAt} />{one.savedBy && <Small>{one.savedBy}</Small>}</> },
          { id: 'delete', header: 'Delete', minWidth: 90, cell: one => <Button variant="inline-link" ariaLabel={`Delete ${one.name}`} onClick={() => void remove(one.name)}>Delete</Button> },
        ]}
        empty={<Nothing title="Nothing is saved yet">“Save” beside the editor keeps a statement under a name.</Nothing>}
      />
    </SpaceBetween>
  );
}

export function Samples({ open }: { open: (statement: string) => void }) {
  return (
    <Table
      items={SAMPLES}
      trackBy="name"
      wrapLines
      contentDensity="compact"
      header={<Header counter={`(${SAMPLES.length})`} description="Questions that are asked again and again when something looks wrong. They open in the editor, and are not run by themselves.">Sample queries</Header>}
      columnDefinitions={[
        { id: 'name', header: 'Question', isRowHeader: true, minWidth: 220, cell: one => <><Button variant="inline-link" className="statement-link" onClick={() => open(one.statement)}>{one.name}</Button><Small>{one.why}</Small></> },
        { id: 'statement', header: 'Statement', minWidth: 320, cell: one => <Box variant="span"><span className="mono cell-short">{one.statement}</span></Box> },
      ]}
    />
  );
}
