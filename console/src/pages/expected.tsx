// What did somebody say, and what did it hold back?
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { type ApiError, useGet } from '../api';
import type { Saying, Sayings } from '../api-types';
import { Small } from '../parts/bits';
import { Kind, KINDS } from '../parts/kind';
import { End, HeldBack, useScope, When, Who } from '../parts/said';
import { isKind, Say } from '../parts/say';
import { Failed, Loading, Nothing, Refused } from '../parts/states';
import { useUrlState } from '../parts/url';

const STATES: Record<Saying['state'], ['success' | 'pending' | 'stopped', string]> = { inForce: ['success', 'In force'], ahead: ['pending', 'Ahead'], ended: ['stopped', 'Ended'] };

export default function Expected() {
  const [state, set] = useUrlState();
  const all = useGet<Sayings>('expected', {}, { refetchInterval: 15_000 });
  const scope = useScope();
  const [fault, setFault] = useState<ApiError | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  const of = state.state === 'ended' || state.state === 'all' ? state.state : 'open';
  const said = all.data?.said ?? [];
  const shown = said.filter(one => state.id ? one.id === state.id : of === 'all' || (one.state === 'ended') === (of === 'ended'));
  const say = isKind(state.say) && (state.say === 'muted' || state.say === 'expected') ? state.say : null;
  const actions = (
    <SpaceBetween size="xs" direction="horizontal">
      <Button onClick={() => set({ say: 'muted' })}>Mute APIs</Button>
      <Button variant="primary" onClick={() => set({ say: 'expected' })}>Announce a change</Button>
    </SpaceBetween>
  );
  return (
    <SpaceBetween size="m">
      {all.error && all.data && <Failed error={all.error} what="what was said" />}
      {fault && <Refused error={fault} what="It was not ended" />}
      {notice && <Alert type="info" dismissible dismissAriaLabel="Close" onDismiss={() => setNotice(null)}>{notice}</Alert>}
      {!all.data && all.isPending ? <><Header variant="h1">Expected changes</Header><Loading what="what was said" /></> : (
        <Table
          variant="full-page"
          items={shown}
          trackBy="id"
          wrapLines
          header={<Header variant="h1" counter={all.data ? `(${shown.length})` : undefined} description="What somebody said of insights, who and why, and what it held back. What is held back is found, kept and shown, and sent to nobody." actions={actions}>Expected changes</Header>}
          filter={state.id ? <Button onClick={() => set({ id: undefined })}>Show all</Button> : (
            <SegmentedControl label="Which" selectedId={of} onChange={({ detail }) => set({ state: detail.selectedId === 'open' ? undefined : detail.selectedId })} options={[{ id: 'open', text: 'In force and ahead' }, { id: 'ended', text: 'Ended' }, { id: 'all', text: 'All' }]} />
          )}
          columnDefinitions={[
            { id: 'what', header: 'What', isRowHeader: true, minWidth: 230, cell: one => <><Kind kind={one.kind} /><div style={{ overflowWrap: 'anywhere' }}>{one.apis}</div><Small>{scope(one)}</Small></> },
            { id: 'state', header: 'State', minWidth: 110, cell: one => { const [type, text] = STATES[one.state]; return <StatusIndicator type={type} wrapText={false}>{text}</StatusIndicator>; } },
            { id: 'when', header: 'When (UTC)', minWidth: 180, cell: one => <When one={one} /> },
            { id: 'why', header: 'Why', minWidth: 200, cell: one => <>{one.why || '–'}<Who one={one} /></> },
            { id: 'held', header: 'Held back, or of what', minWidth: 190, cell: one => <HeldBack one={one} /> },
            { id: 'end', header: 'End', minWidth: 110, cell: one => <End one={one} failed={setFault} /> },
          ]}
          empty={
            all.error ? <Failed error={all.error} what="what was said" retry={() => void all.refetch()} />
              : of === 'ended' && !state.id ? <Nothing title="Nothing has ended within 90 days" />
              : state.id ? <Nothing title="There is nothing of this id">It was taken back, or it ended more than 90 days ago.</Nothing>
              : <Empty />
          }
        />
      )}
      {say && <Say key={say} kind={say} close={() => set({ say: undefined })} said={told => setNotice(told.notice)} />}
    </SpaceBetween>
  );
}

/** What can be said. */
function Empty() {
  return (
    <Nothing title="Nothing is muted or expected">
      <Box textAlign="left" variant="div" color="text-body-secondary">
        <dl className="facts said-kinds">
          {([['muted'], ['expected'], ['falseAlarm', 'real']] as const).map(kinds => (
            <div key={kinds[0]} style={{ display: 'contents' }}>
              <dt>{kinds.map(kind => <span key={kind}><Kind kind={kind} /> </span>)}</dt>
              <dd>{kinds.length === 1 ? KINDS[kinds[0]].what : 'What an insight was, said on its own page: “This was expected…”. A false alarm makes the like of it usual on its API; of a real one nothing is learned.'}</dd>
            </div>
          ))}
        </dl>
      </Box>
    </Nothing>
  );
}
