// The calls behind an insight, out of the log files.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { useGet } from '../api';
import type { Events as Data, Insight } from '../api-types';
import { count, plural } from '../words';
import { Small, Time } from './bits';
import { laidOut, textsAt } from './json';
import { Failed, Loading, Nothing } from './states';
import { useUrlState } from './url';

type Recorded = Omit<Data['events'][number], 'record'> & { record: string };
interface Told extends Omit<Data, 'events'> { events: Recorded[] }

/** With the text of each record: evidence is shown as it was written. */
function read(text: string): Told {
  const told = JSON.parse(text) as Data;
  const records = textsAt(text, 'events.*.record');
  return { ...told, events: told.events.map((event, index) => ({ ...event, record: records[index] ?? '' })) };
}

export function Events({ insight }: { insight: Insight }) {
  const [state, set] = useUrlState();
  const all = state.all === 'true';
  const [path, asked] = [`insights/${insight.id}/events`, { limit: state.events === 'more' ? 200 : 20, all: all ? 'true' : undefined }];
  const events = useGet<Told>(path, asked, { read });
  const [selected, select] = useState<Recorded[]>([]);
  if (events.error) return <Failed error={events.error} what="the events" retry={() => void events.refetch()} />;
  if (!events.data) return <Loading what="the events from the log files" />;
  const { data } = events;
  return (
    <SpaceBetween size="m">
      <Toggle checked={!all} onChange={({ detail }) => set({ all: detail.checked ? undefined : 'true' })}>Only calls of this {insight.errorCode ? 'error' : 'API'}</Toggle>
      {data.filesLeftOut > 0 && (
        <Alert type="info">{plural(data.filesLeftOut, 'log file')} of this time {data.filesLeftOut === 1 ? 'was' : 'were'} not read: there are too many of them, they are too large, or they are no longer there.</Alert>
      )}
      <Table
        variant="embedded"
        contentDensity="compact"
        wrapLines
        items={data.events}
        trackBy="eventId"
        selectionType="single"
        selectedItems={selected}
        onSelectionChange={({ detail }) => select(detail.selectedItems)}
        onRowClick={({ detail }) => select([detail.item])}
        ariaLabels={{ selectionGroupLabel: 'Events', itemSelectionLabel: (_, item) => `Show the record of ${item.name}`, tableLabel: 'Events' }}
        header={<Box variant="p" color="text-body-secondary">From <Time at={data.from} short /> until <Time at={data.until} short /> UTC: {data.total > data.events.length ? `the first ${data.events.length} of ${count(data.total)} calls` : plural(data.total, 'call')}, from {plural(data.filesRead, 'log file')}. Choose one to see its record.</Box>}
        columnDefinitions={[
          { id: 'time', header: 'Time (UTC)', cell: event => <Time at={event.eventTime} short seconds />, minWidth: 130 },
          { id: 'name', header: 'Event name', isRowHeader: true, cell: event => <>{event.name}<Small>{event.source}</Small></> },
          { id: 'who', header: 'Identity', cell: event => event.identity ?? '–', minWidth: 200 },
          { id: 'ip', header: 'Source IP address', cell: event => event.sourceIpAddress ?? '–', minWidth: 130 },
          { id: 'error', header: 'Error code', cell: event => event.errorCode ?? '–' },
        ]}
        empty={<Nothing title="No call was found">{insight.direction === 'decrease' ? 'That is what it is about.' : 'The log files of this time are gone, or their names do not tell when they were delivered.'}</Nothing>}
      />
      {data.events.length < data.total && state.events !== 'more' && <Button onClick={() => set({ events: 'more' })}>Show more</Button>}
      {selected[0] && (
        <ExpandableSection headerText={`Record of ${selected[0].name}, ${selected[0].eventId}`} defaultExpanded>
          <pre className="json" tabIndex={0} aria-label="The record">{laidOut(selected[0].record)}</pre>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
