// Is anything odd, right now and this week?
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useGet } from '../api';
import type { Heatmap, Overview as Data, Row } from '../api-types';
import { Bars } from '../parts/bars';
import { Change, Lasting, Score, Small, StateOf, Time, To, WhoseCalls } from '../parts/bits';
import { HeatmapView } from '../parts/heatmap';
import { Failed, Loading, Nothing, stale } from '../parts/states';
import { useUrlState } from '../parts/url';
import { ago, count, localClock, plural, service } from '../words';

export default function Overview() {
  const overview = useGet<Data>('overview', {}, { refetchInterval: 60_000 });
  const [state, set] = useUrlState();
  const kind = state.kind ?? 'all';
  const heatmap = useGet<Heatmap>('heatmap', { kind }, { refetchInterval: 60_000, placeholderData: before => before });
  const data = overview.data;
  return (
    <ContentLayout header={<Header variant="h1" description="What was unusual, right now and lately.">Overview</Header>}>
      {!data ? (
        overview.error ? <Failed error={overview.error} what="the overview" retry={() => void overview.refetch()} /> : <Loading what="the overview" />
      ) : (
        <SpaceBetween size="l">
          {stale(overview.error ?? (heatmap.data ? heatmap.error : null))}
          <Notices data={data} />
          <Container>
            <ColumnLayout columns={5} variant="text-grid" minColumnWidth={150}>
              <Figure label="Ongoing now">
                {data.ongoing.length ? <StatusIndicator type="warning">{plural(data.ongoing.length, 'insight')}</StatusIndicator> : data.learning.ready ? <StatusIndicator type="success">Nothing</StatusIndicator> : <StatusIndicator type="pending">Too early to say</StatusIndicator>}
              </Figure>
              <Figure label="Last 24 hours">
                {plural(data.lastDay.insights, 'insight')}
                <Small>on {plural(data.lastDay.apis, 'API')} of {plural(data.lastDay.accounts, 'account')}</Small>
              </Figure>
              <Figure label="Log files">
                <span title={data.logFiles.newestDelivered === null ? undefined : localClock(data.logFiles.newestDelivered)}>
                  {data.logFiles.newestDelivered === null ? 'None yet' : `Newest ${ago(data.logFiles.newestDelivered, data.now)}`}
                </span>
                <Small>{count(data.logFiles.counted)} counted{data.logFiles.refused ? `, ${count(data.logFiles.refused)} refused` : ''}</Small>
              </Figure>
              <Figure label="Learning">
                <To href="/trails">{data.learning.regions === 0 ? 'Nothing to learn from yet' : `${data.learning.ready} of ${plural(data.learning.regions, 'account-Region')} ready`}</To>
                <Small>After 36 hours of log files</Small>
              </Figure>
              <Figure label="Messages">
                {data.deliveries.dead ? <To href="/rules?tab=deliveries&state=dead">{count(data.deliveries.dead)} given up</To> : 'None given up'}
                <Small>{data.deliveries.waiting ? `${count(data.deliveries.waiting)} waiting` : 'none waiting'}</Small>
              </Figure>
            </ColumnLayout>
          </Container>
          {data.ongoing.length > 0 && <Ongoing rows={data.ongoing} together={data.together} />}
          <Container
            header={
              <Header
                variant="h2"
                description="A row is an API, a cell an hour; the most unusual first. Colour strength is how much it was called, marks are insights: striped ones are falls."
                actions={
                  <SegmentedControl
                    label="Which series"
                    selectedId={kind}
                    onChange={({ detail }) => set({ kind: detail.selectedId === 'all' ? undefined : detail.selectedId })}
                    options={[{ id: 'all', text: 'All' }, { id: 'calls', text: 'Calls' }, { id: 'errors', text: 'Errors' }]}
                  />
                }
              >
                Activity of the last 7 days
              </Header>
            }
          >
            {heatmap.data ? (
              heatmap.data.rows.length ? <HeatmapView data={heatmap.data} asTable={state.heat === 'table'} setTable={on => set({ heat: on ? 'table' : undefined })} />
                : <Nothing title="Nothing was called in these days">Once log files come in, each API has its row here.</Nothing>
            ) : heatmap.error ? <Failed error={heatmap.error} what="the activity" retry={() => void heatmap.refetch()} /> : <Loading what="the activity" />}
          </Container>
          <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
            <Recent rows={data.recent} isReady={data.learning.ready > 0} />
            <Container header={<Header variant="h2" description="By the day on which they began.">Insights of 30 days</Header>} fitHeight>
              <Bars days={data.perDay} />
            </Container>
          </Grid>
        </SpaceBetween>
      )}
    </ContentLayout>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <div>{children}</div>
    </div>
  );
}

function Notices({ data }: { data: Data }) {
  return (
    <>
      {data.trails === 0 && (
        <Alert type="info" header="There is no trail yet">
          A trail says which bucket log files come to, and what is looked for in them. Create one as with AWS:{' '}
          <Box variant="code">aws cloudtrail create-trail</Box>, then <Box variant="code">put-insight-selectors</Box> and <Box variant="code">start-logging</Box>.{' '}
          <To href="/trails">Trails and learning</To> shows what becomes of it.
        </Alert>
      )}
      {data.trails > 0 && data.trailsLooking === 0 && (
        <Alert type="warning" header="No trail looks for insights">
          Say so with <Box variant="code">aws cloudtrail put-insight-selectors</Box>: until then nothing is told to anybody.
        </Alert>
      )}
      {data.logFiles.isReadingHistory && (
        <Alert type="info" header="History is being read">
          {data.logFiles.waiting ? `${count(data.logFiles.waiting)} log files are still to be read. ` : ''}What is shown here is not complete until then.
        </Alert>
      )}
      {data.inTheWay.length > 0 && (
        <Alert type="warning" header="The service is not as it should be">
          <ul style={{ margin: 0, paddingLeft: 20 }}>{data.inTheWay.map(sentence => <li key={sentence}>{sentence}</li>)}</ul>
        </Alert>
      )}
    </>
  );
}

function Ongoing({ rows, together }: { rows: Row[]; together: string[] }) {
  return (
    <Container header={<Header variant="h2" counter={`(${rows.length})`} description="The rarest first.">Ongoing now</Header>}>
      {together.map(sentence => <p key={sentence} className="together">{sentence}</p>)}
      <ul className="story two">
        {rows.slice(0, 6).map(row => (
          <li key={row.id}>
            <Score row={row} />
            <strong><To href={`/insights/${row.id}`}>{row.title}</To></strong>
            <Change row={row} />
            <span className="soft">
              since <Time at={row.start} short />, <Lasting row={row} /> · {service(row.source)} · {row.region} · {row.account}
              {row.topIdentity && <> · <WhoseCalls row={row} who={row.topIdentity} /></>}
            </span>
          </li>
        ))}
      </ul>
      {rows.length > 6 && <Box margin={{ top: 'xs' }}><To href="/insights?state=ongoing">All {rows.length} that go on</To></Box>}
    </Container>
  );
}

function Recent({ rows, isReady }: { rows: Row[]; isReady: boolean }) {
  return (
    <Table
      items={rows}
      trackBy="id"
      variant="container"
      contentDensity="compact"
      wrapLines
      header={<Header variant="h2" actions={<To href="/insights">All insights</To>}>Most recent insights</Header>}
      columnDefinitions={[
        { id: 'score', header: 'Score', cell: row => <Score row={row} />, width: 76 },
        { id: 'name', header: 'Event name', isRowHeader: true, minWidth: 210, cell: row => <><To href={`/insights/${row.id}`}>{row.title}</To><Small>{service(row.source)} · {row.region}</Small></> },
        { id: 'start', header: 'Start (UTC)', minWidth: 110, cell: row => <Time at={row.start} short /> },
        { id: 'change', header: 'Change', cell: row => <Change row={row} /> },
        { id: 'state', header: 'State', cell: row => <StateOf row={row} /> },
      ]}
      empty={isReady ? <Nothing title="Nothing unusual in 30 days">That is what is hoped for.</Nothing> : <Nothing title="No insight yet">Insights begin once an account-Region was watched for 36 hours.</Nothing>}
    />
  );
}
