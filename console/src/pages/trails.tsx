// When will it work? Which trails there are, what they look for, how log files come in, and how far learning is.
import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useQuery } from '@tanstack/react-query';
import { type ApiError, aws, useGet } from '../api';
import type { Learning } from '../api-types';
import { Small, Time } from '../parts/bits';
import { useAccountName } from '../parts/session';
import { Failed, Loading, Nothing, stale } from '../parts/states';
import { ago, count, duration, figure, plural } from '../words';

interface Trail { Name: string; TrailARN: string; S3BucketName: string; S3KeyPrefix?: string; IsMultiRegionTrail?: boolean; IsOrganizationTrail?: boolean; HasInsightSelectors?: boolean }
interface TrailStatus { IsLogging: boolean; LatestDeliveryTime?: number; LatestDeliveryError?: string; LatestNotificationError?: string; StartLoggingTime?: number }
interface Selectors { InsightSelectors?: Array<{ InsightType: string }> }
interface Told { trail: Trail; status: TrailStatus; selectors: string[] }

/** As AWS's own clients would ask it: each trail, its status, its selectors. */
async function trails(): Promise<Told[]> {
  const { trailList } = await aws<{ trailList: Trail[] }>('cloudtrail', 'DescribeTrails');
  return Promise.all(
    trailList.map(async trail => {
      const status = await aws<TrailStatus>('cloudtrail', 'GetTrailStatus', { Name: trail.TrailARN });
      const selectors = trail.HasInsightSelectors ? await aws<Selectors>('cloudtrail', 'GetInsightSelectors', { TrailName: trail.TrailARN }) : {};
      return { trail, status, selectors: (selectors.InsightSelectors ?? []).map(one => one.InsightType) };
    }),
  );
}

const KINDS: Record<string, string> = { ApiCallRateInsight: 'API call rate', ApiErrorRateInsight: 'API error rate' };

export default function Trails() {
  const asked = useQuery<Told[], ApiError>({ queryKey: ['cloudtrail', 'trails'], queryFn: trails, refetchInterval: 30_000 });
  const learning = useGet<Learning>('learning', {}, { refetchInterval: 15_000 });
  return (
    <ContentLayout header={<Header variant="h1" description="What is read and looked for, and when insights begin.">Trails and learning</Header>}>
      <SpaceBetween size="l">
        {asked.error && <Failed error={asked.error} what="the trails" retry={() => void asked.refetch()} />}
        <Table
          items={asked.data ?? []}
          loading={asked.isPending}
          loadingText="Loading the trails…"
          trackBy={told => told.trail.TrailARN}
          wrapLines
          header={<Header variant="h2" counter={asked.data ? `(${asked.data.length})` : undefined} description="Made with AWS's own clients: aws cloudtrail create-trail, put-insight-selectors, start-logging.">Trails</Header>}
          columnDefinitions={[
            { id: 'name', header: 'Name', isRowHeader: true, cell: ({ trail }) => <>{trail.Name}<Small>{[trail.IsOrganizationTrail && 'organization', trail.IsMultiRegionTrail ? 'all Regions' : 'one Region'].filter(Boolean).join(', ')}</Small></> },
            { id: 'state', header: 'Logging', cell: ({ status }) => (status.IsLogging ? <StatusIndicator type="success">On</StatusIndicator> : <StatusIndicator type="stopped">Off</StatusIndicator>) },
            { id: 'looks', header: 'Looks for', minWidth: 140, cell: ({ selectors }) => selectors.length ? <SpaceBetween size="xxs" direction="horizontal">{selectors.map(kind => <Badge key={kind}>{KINDS[kind] ?? kind}</Badge>)}</SpaceBetween> : <StatusIndicator type="warning">Nothing</StatusIndicator> },
            { id: 'bucket', header: 'Bucket', cell: ({ trail }) => <>{trail.S3BucketName}{trail.S3KeyPrefix && <Small>{trail.S3KeyPrefix}</Small>}</> },
            { id: 'delivered', header: 'Insight files', cell: ({ status }) => status.LatestDeliveryError ? <StatusIndicator type="error">{status.LatestDeliveryError}</StatusIndicator> : status.LatestDeliveryTime ? <>Newest <Time at={status.LatestDeliveryTime} short /></> : 'None yet' },
          ]}
          empty={<Nothing title="There is no trail yet">A trail says which bucket log files come to. Create one with <Box variant="code">aws cloudtrail create-trail --name NAME --s3-bucket-name BUCKET</Box>, say what is looked for with <Box variant="code">put-insight-selectors</Box>, and switch it on with <Box variant="code">start-logging</Box>.</Nothing>}
        />
        {learning.data && stale(learning.error)}
        {!learning.data ? (
          learning.error ? <Failed error={learning.error} what="the learning" retry={() => void learning.refetch()} /> : <Loading what="the learning" />
        ) : (
          <LearningShown data={learning.data} />
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}

function LearningShown({ data }: { data: Learning }) {
  const nameOf = useAccountName();
  return (
    <SpaceBetween size="l">
      {data.error && <Alert type="warning" header="Log files cannot be counted right now">{data.error}</Alert>}
      {data.isReadingHistory && (
        <Container header={<Header variant="h2">History is being read</Header>}>
          <ProgressBar label="Log files" value={data.listedFiles ? (100 * data.readFiles) / data.listedFiles : 0} additionalInfo={`${count(data.readFiles)} of ${count(data.listedFiles)}, the newest days first. Nothing is evaluated until all are read.`} />
        </Container>
      )}
      <Table
        items={data.regions}
        trackBy={region => region.account + region.region}
        wrapLines
        header={<Header variant="h2" counter={`(${data.regions.length})`} description="Each account and Region is learned by itself. After 36 hours of log files unusual minutes are told; the history in the bucket counts, too.">Learning</Header>}
        columnDefinitions={[
          { id: 'account', header: 'Account', isRowHeader: true, cell: region => nameOf(region.account) },
          { id: 'region', header: 'Region', cell: region => <span className="nowrap">{region.region}</span> },
          { id: 'learned', header: 'Learned from', minWidth: 220, cell: region => region.isReady ? (
            <StatusIndicator type="success">{duration(region.minutesLearned)}</StatusIndicator>
          ) : (
            <><ProgressBar ariaLabel={`Learning of ${region.account} in ${region.region}`} value={(100 * region.minutesLearned) / data.minutesNeeded} additionalInfo={region.missing} />{region.readyAt !== null && <Small>at the earliest <Time at={region.readyAt} short /></Small>}</>
          ) },
          { id: 'series', header: 'APIs', cell: region => <>{count(region.series)}<Small>{plural(region.errorSeries, 'error')} of them</Small></> },
          { id: 'delivered', header: 'Newest log file', cell: region => region.newestDelivered === null ? 'None' : <>{ago(region.newestDelivered, data.now)}<Small><Time at={region.newestDelivered} short /></Small></> },
          { id: 'until', header: 'Evaluated until', cell: region => region.evaluatedUntil === null ? 'Nothing yet' : <>
            <Time at={region.evaluatedUntil} short /><Small>{duration(Math.max(0, (data.now - region.evaluatedUntil) / 60))} behind the clock</Small></> },
        ]}
        empty={<Nothing title="Nothing was heard yet">Once log files lie in a trail’s bucket, each account and Region that they tell of has a line here.</Nothing>}
      />
      {data.accounts.length > 0 && (
        <ExpandableSection headerText="What makes an insight, account by account" variant="container">
          <Table
            variant="embedded"
            items={data.accounts}
            trackBy="account"
            columnDefinitions={[
              { id: 'account', header: 'Account', isRowHeader: true, cell: one => nameOf(one.account) },
              { id: 'up', header: 'Increases: rarity asked for', cell: one => <>once in 10^{figure(one.increase.rarity)} months on one API<Small>{plural(one.increase.series, 'rate')} watched{one.increase.correction > 1 ? `, raised ${figure(one.increase.correction)}×` : ''}</Small></> },
              { id: 'down', header: 'Decreases: rarity asked for', cell: one => <>once in 10^{figure(one.decrease.rarity)} months on one API<Small>{plural(one.decrease.series, 'rate')} watched{one.decrease.correction > 1 ? `, raised ${figure(one.decrease.correction)}×` : ''}</Small></> },
            ]}
          />
        </ExpandableSection>
      )}
      <Table
        items={data.refused}
        trackBy={file => file.bucket + file.key}
        wrapLines
        contentDensity="compact"
        header={<Header variant="h2" counter={`(${count(data.filesRefused)})`} description={`${count(data.filesCounted)} log files were counted${data.tooOldFiles ? `; ${count(data.tooOldFiles)} are older than 90 days and are not read` : ''}.`}>Refused log files</Header>}
        columnDefinitions={[
          { id: 'key', header: 'File', isRowHeader: true, cell: file => <span className="mono">{file.bucket}/{file.key}</span> },
          { id: 'reason', header: 'Reason', cell: file => file.reason },
          { id: 'at', header: 'Set aside (UTC)', cell: file => <Time at={file.at} short /> },
        ]}
        empty={<Nothing title="None was refused">Every log file that came could be read.</Nothing>}
      />
    </SpaceBetween>
  );
}
