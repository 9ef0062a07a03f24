// What exactly was called? AWS's LookupEvents over the last 90 days, and each event as it was recorded.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Pagination from '@cloudscape-design/components/pagination';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { type ApiError, aws } from '../api';
import { everythingOf, lakeLink } from '../lake/statement';
import { Small, Time, To } from '../parts/bits';
import { csv, download } from '../parts/download';
import { isJson, laidOut } from '../parts/json';
import { seriesLink } from '../parts/links';
import { usePanel } from '../parts/panel';
import { spanOf, SPANS, TimeRange } from '../parts/range';
import { useSession } from '../parts/session';
import { Failed, Loading, Nothing, Refused } from '../parts/states';
import { useUrlState } from '../parts/url';
import { count, service } from '../words';

interface Event {
  EventId: string;
  EventName: string;
  EventTime: number;
  EventSource: string;
  Username?: string;
  ReadOnly?: string;
  AccessKeyId?: string;
  Resources?: Array<{ ResourceType?: string; ResourceName?: string }>;
  CloudTrailEvent?: string;
}
interface Page { Events?: Event[]; NextToken?: string }

/** AWS's attributes, of which one is looked up at a time. */
const ATTRIBUTES = [
  { value: 'EventName', label: 'Event name', placeholder: 'RunInstances' },
  { value: 'EventSource', label: 'Event source', placeholder: 'ec2.amazonaws.com' },
  { value: 'Username', label: 'User name', placeholder: 'alice, or the name of a role session' },
  { value: 'AccessKeyId', label: 'AWS access key', placeholder: 'AKIA…' },
  { value: 'ResourceName', label: 'Resource name', placeholder: 'my-bucket' },
  { value: 'ResourceType', label: 'Resource type', placeholder: 'AWS::S3::Bucket' },
  { value: 'EventId', label: 'Event ID', placeholder: 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx' },
  { value: 'ReadOnly', label: 'Read-only', placeholder: 'false' },
];
const DEFAULT = '1d';
/** As many as AWS gives at once. */
const SIZE = 50;
/** Events of a file that the browser makes. */
const MOST = 5000;

interface Asked { LookupAttributes?: Array<{ AttributeKey: string; AttributeValue: string }>; StartTime?: number; EndTime?: number }

const lookup = (asked: Asked, NextToken?: string) => aws<Page>('cloudtrail', 'LookupEvents', { ...asked, MaxResults: SIZE, NextToken });

/** What may be long and has no blanks is broken wherever the column ends. */
const Anywhere = ({ children }: { children: ReactNode }) => <span style={{ overflowWrap: 'anywhere' }}>{children}</span>;

export default function Events() {
  const [state, set] = useUrlState();
  const span = spanOf(state, DEFAULT);
  // By the service's clock; it moves in steps, so that the pages of one answer belong together.
  const now = Math.floor(useSession().now / 300) * 300;
  const key = ATTRIBUTES.find(one => one.value === state.by) ?? ATTRIBUTES[0]!;
  const asked = useMemo<Asked>(() => ({
    ...(state.is && { LookupAttributes: [{ AttributeKey: key.value, AttributeValue: state.is }] }),
    StartTime: span ? now - (SPANS[span] ?? SPANS[DEFAULT]!) : Number(state.from),
    ...(!span && state.until && { EndTime: Number(state.until) }),
  }), [state.is, key.value, span, now, state.from, state.until]);
  const number = Math.max(1, Number(state.page) || 1);
  const pages = useInfiniteQuery<Page, ApiError, { pages: Page[] }, unknown[], string | undefined>({
    queryKey: ['cloudtrail', 'LookupEvents', asked],
    queryFn: ({ pageParam }) => lookup(asked, pageParam),
    initialPageParam: undefined,
    getNextPageParam: page => page.NextToken,
    staleTime: 60_000,
  });
  // A link may lead to a later page: it is reached one after the other, as with AWS.
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = pages;
  const known = pages.data?.pages.length ?? 0;
  // One that cannot be had is asked for again by whoever wants it, and not for ever.
  const isOnTheWay = known > 0 && known < number && hasNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (isOnTheWay && !isFetchingNextPage) void fetchNextPage();
  }, [known, isOnTheWay, isFetchingNextPage, fetchNextPage]);
  const at = Math.min(number, Math.max(known, 1));
  const events = pages.data?.pages[at - 1]?.Events ?? [];
  const [words, setWords] = useState(state.is ?? '');
  useEffect(() => setWords(state.is ?? ''), [state.is]);
  const look = () => set({ is: words.trim() || undefined, page: undefined, event: undefined }, true);
  const open = (id: string | undefined) => set({ event: id });
  const [isSaving, setSaving] = useState(false);
  const [fault, setFault] = useState<ApiError | null>(null);
  const save = async (form: string) => {
    setSaving(true);
    setFault(null);
    try {
      const all: Event[] = [];
      let token: string | undefined;
      do {
        const page = await lookup(asked, token);
        all.push(...(page.Events ?? []));
        token = page.NextToken;
      } while (token && all.length < MOST);
      if (form === 'json') download('events.json', 'application/json', `{"Records": [\n${all.map(recordText).join(',\n')}\n]}\n`);
      else download('events.csv', 'text/csv', csv(['EventTime', 'EventName', 'EventSource', 'Username', 'AccessKeyId', 'ReadOnly', 'EventId', 'Resources'], all.map(one => [new Date(one.EventTime * 1000).toISOString(), one.EventName, one.EventSource, one.Username, one.AccessKeyId, one.ReadOnly, one.EventId, resources(one)])));
    } catch (error) {
      setFault(error as ApiError);
    } finally {
      setSaving(false);
    }
  };
  useShownEvent(state.event, events, open);
  return (
    <SpaceBetween size="m">
      {fault && <Refused error={fault} what="It was not downloaded" />}
      {pages.error && pages.data && <Failed error={pages.error} what="the events" retry={() => void (isFetchNextPageError ? fetchNextPage() : pages.refetch())} />}
      <Table<Event>
        variant="full-page"
        stickyHeader
        wrapLines
        contentDensity="compact"
        items={events}
        trackBy="EventId"
        loading={pages.isPending || isOnTheWay}
        loadingText="Loading the events…"
        selectionType="single"
        selectedItems={events.filter(one => one.EventId === state.event)}
        onSelectionChange={({ detail }) => open(detail.selectedItems[0]?.EventId)}
        onRowClick={({ detail }) => open(detail.item.EventId)}
        ariaLabels={{ selectionGroupLabel: 'Events', itemSelectionLabel: (_, one) => `Show ${one.EventName}, ${one.EventId}`, tableLabel: 'Events' }}
        columnDefinitions={[
          { id: 'time', header: 'Event time (UTC)', minWidth: 150, cell: one => <Time at={one.EventTime} seconds /> },
          { id: 'name', header: 'Event name', isRowHeader: true, minWidth: 170, cell: one => <><LinkToSeries event={one} /><Small>{one.EventSource}</Small></> },
          { id: 'user', header: 'User name', minWidth: 130, maxWidth: 180, cell: one => <><Anywhere>{one.Username ?? '–'}</Anywhere>{one.AccessKeyId && <Small>{one.AccessKeyId}</Small>}</> },
          { id: 'where', header: 'Where', minWidth: 110, cell: one => { const record = recordOf(one); return <>{text(record, 'awsRegion')}<Small>{text(record, 'recipientAccountId')}</Small></>; } },
          { id: 'address', header: 'Source IP', minWidth: 145, maxWidth: 160, cell: one => <Anywhere>{text(recordOf(one), 'sourceIPAddress')}</Anywhere> },
          { id: 'error', header: 'Error code', minWidth: 110, cell: one => text(recordOf(one), 'errorCode') },
          { id: 'resources', header: 'Resources', minWidth: 120, maxWidth: 180, cell: one => <Anywhere>{resources(one) || '–'}</Anywhere> },
        ]}
        header={
          <Header
            variant="awsui-h1-sticky"
            description="Management events of the last 90 days, the newest first, as AWS’s LookupEvents tells them. Choose one to see its record."
            actions={
              <SpaceBetween size="xs" direction="horizontal">
                <Button iconName="refresh" ariaLabel="Refresh" loading={pages.isRefetching} onClick={() => void pages.refetch()} />
                <ButtonDropdown loading={isSaving} disabled={!events.length} items={[{ id: 'csv', text: `The first ${count(MOST)} as CSV` }, { id: 'json', text: `The first ${count(MOST)} as JSON` }]} onItemClick={({ detail }) => void save(detail.id)}>Download</ButtonDropdown>
              </SpaceBetween>
            }
          >
            Event history
          </Header>
        }
        filter={
          <form className="lookup" onSubmit={event => { event.preventDefault(); look(); }}>
            <FormField label="Attribute">
              <Select selectedOption={key} options={ATTRIBUTES} onChange={({ detail }) => set({ by: detail.selectedOption.value === 'EventName' ? undefined : detail.selectedOption.value, is: undefined, page: undefined }, true)} />
            </FormField>
            <FormField label="Value">
              <div data-filter className="lookup-value">
                {key.value === 'ReadOnly' ? (
                  <Select
                    selectedOption={{ value: state.is ?? '', label: state.is === 'true' ? 'true: it only read' : state.is === 'false' ? 'false: it changed something' : 'Both' }}
                    options={[{ value: '', label: 'Both' }, { value: 'false', label: 'false: it changed something' }, { value: 'true', label: 'true: it only read' }]}
                    onChange={({ detail }) => set({ is: detail.selectedOption.value || undefined, page: undefined }, true)}
                  />
                ) : (
                  <Input type="search" value={words} placeholder={key.placeholder} onChange={({ detail }) => { setWords(detail.value); if (!detail.value) set({ is: undefined, page: undefined }, true); }} onBlur={() => words.trim() !== (state.is ?? '') && look()} clearAriaLabel="Clear" />
                )}
              </div>
            </FormField>
            <FormField label="Time">
              <TimeRange usual={DEFAULT} now={now} words={{ clearButtonLabel: 'Back to a day' }} />
            </FormField>
          </form>
        }
        pagination={
          <Pagination
            currentPageIndex={at}
            pagesCount={known || 1}
            openEnd={hasNextPage}
            onChange={({ detail }) => set({ page: detail.currentPageIndex === 1 ? undefined : String(detail.currentPageIndex) }, true)}
            ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: page => `Page ${page}`, paginationLabel: 'Pages of events' }}
          />
        }
        empty={
          pages.error ? <Failed error={pages.error} what="the events" retry={() => void pages.refetch()} />
            : state.is ? <Nothing title="No event matches" action={<Button onClick={() => set({ is: undefined, page: undefined }, true)}>Clear the value</Button>}>The value must be the whole of it, in upper and lower case as it was recorded. The <To href="/lake">Lake</To> takes parts.</Nothing>
            : <Nothing title="No event in this time">What was counted is here within a minute.</Nothing>
        }
      />
    </SpaceBetween>
  );
}

/** The event that is chosen lies beside the list; one that is not in it is looked up. */
function useShownEvent(id: string | undefined, listed: Event[], open: (id: string | undefined) => void) {
  const here = listed.find(one => one.EventId === id);
  const asked = useQuery<Page, ApiError>({
    queryKey: ['cloudtrail', 'LookupEvents', 'EventId', id],
    queryFn: () => lookup({ LookupAttributes: [{ AttributeKey: 'EventId', AttributeValue: id! }] }),
    enabled: Boolean(id) && !here,
    staleTime: Infinity,
  });
  const event = here ?? asked.data?.Events?.[0];
  const { error, isPending } = asked;
  const panel = useMemo(() => {
    if (!id) return null;
    const close = () => {
      // The panel takes its buttons along: whoever closed it by a key is where they were.
      document.querySelector<HTMLElement>('tbody input:checked')?.focus();
      open(undefined);
    };
    if (event) return { title: event.EventName, content: <Shown event={event} />, close };
    return { title: 'Event', close, content: error ? <Failed error={error} what="the event" /> : isPending ? <Loading what="the event" /> : <Nothing title="There is no such event">It may be older than 90 days.</Nothing> };
    // Opening is the same at all times.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id, event, error, isPending]);
  usePanel(panel);
}

type Recorded = Record<string, unknown>;

/** What a page says of it; what is shown, copied and downloaded is its text. */
function recordOf(event: Event): Recorded {
  try {
    const record: unknown = JSON.parse(event.CloudTrailEvent ?? '{}');
    return record !== null && typeof record === 'object' ? (record as Recorded) : {};
  } catch {
    return {};
  }
}

/** As it came, for a list of them: what is no JSON stands in it as a text. */
const recordText = ({ CloudTrailEvent = '{}' }: Event) => (isJson(CloudTrailEvent) ? CloudTrailEvent : JSON.stringify(CloudTrailEvent));

const text = (record: Recorded, name: string) => (typeof record[name] === 'string' && record[name] ? (record[name] as string) : '–');
const resources = (event: Event) => (event.Resources ?? []).map(one => one.ResourceName).filter(Boolean).join(', ');

/** An API's name leads to its series, if the record says whose it is. */
function LinkToSeries({ event }: { event: Event }) {
  const record = recordOf(event);
  const [account, region] = [record.recipientAccountId, record.awsRegion];
  if (typeof account !== 'string' || typeof region !== 'string') return <>{event.EventName}</>;
  return <To href={seriesLink({ account, region, source: event.EventSource, name: event.EventName, errorCode: null })}>{event.EventName}</To>;
}

function Shown({ event }: { event: Event }) {
  const record = recordOf(event);
  const recorded = event.CloudTrailEvent ?? '';
  const identity = (record.userIdentity ?? {}) as Recorded;
  const facts: Array<[string, React.ReactNode]> = [
    ['Event time (UTC)', <Time at={event.EventTime} seconds />],
    ['Event source', service(event.EventSource)],
    ['Identity', text(identity, 'arn') === '–' ? text(identity, 'invokedBy') : text(identity, 'arn')],
    ['Source IP address', text(record, 'sourceIPAddress')],
    ['User agent', text(record, 'userAgent')],
    ['Error', record.errorCode ? `${text(record, 'errorCode')}: ${text(record, 'errorMessage')}` : 'None'],
    ['Event ID', event.EventId],
  ];
  return (
    <SpaceBetween size="m">
      <SpaceBetween size="xs" direction="horizontal">
        <CopyToClipboard variant="button" copyButtonText="Copy the record" textToCopy={recorded} copySuccessText="Copied" copyErrorText="It could not be copied" />
        <Button iconName="download" onClick={() => download(`${event.EventName}-${event.EventId.slice(0, 8)}.json`, 'application/json', recorded)}>JSON</Button>
      </SpaceBetween>
      <dl className="facts">
        {facts.map(([name, fact]) => <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd>{fact}</dd></div>)}
      </dl>
      {event.AccessKeyId && <Box><To href={lakeLink(everythingOf(event.AccessKeyId))}>Everything that {event.AccessKeyId} did, in the Lake</To></Box>}
      <pre className="json" tabIndex={0} aria-label="The record">{laidOut(recorded)}</pre>
    </SpaceBetween>
  );
}
