// Who is told what, and did it arrive?
import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Modal from '@cloudscape-design/components/modal';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Tabs from '@cloudscape-design/components/tabs';
import Textarea from '@cloudscape-design/components/textarea';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiError, aws, get, own, post, sns, useGet } from '../api';
import type { Deliveries, Insight, Insights } from '../api-types';
import { Small, Time, To } from '../parts/bits';
import { laidOut } from '../parts/json';
import { useSession } from '../parts/session';
import { Failed, Loading, Nothing, Refused, stale } from '../parts/states';
import { oneOf, useUrlState } from '../parts/url';
import { clock, plural } from '../words';

interface Rule { Name: string; Arn: string; State: string; EventPattern?: string; ScheduleExpression?: string; Description?: string }
interface Target { Id: string; Arn: string }
interface RuleTold { rule: Rule; targets: Target[] }
interface TopicTold { arn: string; subscriptions: { protocol: string; endpoint: string; isConfirmed: boolean }[] }

export default function Rules() {
  const [state, set] = useUrlState();
  return (
    <ContentLayout header={<Header variant="h1" description="Who is told of an insight, and whether it arrived.">Rules and topics</Header>}>
      <Tabs
        activeTabId={oneOf(TABS, state.tab)}
        onChange={({ detail }) => set({ tab: detail.activeTabId === 'rules' ? undefined : detail.activeTabId, state: undefined })}
        tabs={[
          { id: 'rules', label: 'Rules', content: <RulesTab /> },
          { id: 'topics', label: 'Topics', content: <TopicsTab /> },
          { id: 'deliveries', label: 'Deliveries', content: <DeliveriesTab /> },
          { id: 'tester', label: 'Pattern tester', content: <Tester /> },
        ]}
      />
    </ContentLayout>
  );
}

async function everyPage<T>(ask: (token?: string) => Promise<{ items: T[]; next?: string }>): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const page = await ask(token);
    all.push(...page.items);
    token = page.next;
  } while (token);
  return all;
}

const TABS = ['rules', 'topics', 'deliveries', 'tester'] as const;
const EVERY_INSIGHT = `aws events put-rule --name insights --event-pattern '{"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]}'`;

async function rules(): Promise<RuleTold[]> {
  const all = await everyPage(async NextToken => {
    const page = await aws<{ Rules: Rule[]; NextToken?: string }>('events', 'ListRules', { NextToken });
    return { items: page.Rules, next: page.NextToken };
  });
  return Promise.all(all.map(async rule => ({ rule, targets: (await aws<{ Targets: Target[] }>('events', 'ListTargetsByRule', { Rule: rule.Name })).Targets })));
}

function RulesTab() {
  const asked = useQuery<RuleTold[], ApiError>({ queryKey: ['events', 'rules'], queryFn: rules });
  const [, set] = useUrlState();
  if (asked.error) return <Failed error={asked.error} what="the rules" retry={() => void asked.refetch()} />;
  return (
    <Table
      items={asked.data ?? []}
      loading={asked.isPending}
      loadingText="Loading the rules…"
      trackBy={told => told.rule.Arn}
      wrapLines
      header={<Header counter={asked.data ? `(${asked.data.length})` : undefined} description="EventBridge rules of the default bus in this Region.">Rules</Header>}
      columnDefinitions={[
        { id: 'name', header: 'Name', isRowHeader: true, minWidth: 150, cell: ({ rule }) => <>{rule.Name}{rule.Description && <Small>{rule.Description}</Small>}</> },
        { id: 'state', header: 'State', cell: ({ rule }) => rule.State === 'DISABLED' ? <StatusIndicator wrapText={false} type="stopped">Disabled</StatusIndicator> : <StatusIndicator wrapText={false} type="success">Enabled</StatusIndicator> },
        { id: 'pattern', header: 'Event pattern', minWidth: 260, cell: ({ rule }) => rule.EventPattern ? <><span className="mono">{rule.EventPattern}</span><div><Button variant="inline-link" ariaLabel={`Test it: the pattern of ${rule.Name}`} onClick={() => set({ tab: 'tester', pattern: rule.EventPattern })}>Test it</Button></div></> : <span className="mono">{rule.ScheduleExpression}</span> },
        { id: 'targets', header: 'Targets', cell: ({ targets }) => targets.length ? targets.map(target => <div key={target.Id} className="mono">{target.Arn}</div>) : <StatusIndicator wrapText={false} type="warning">Nobody</StatusIndicator> },
      ]}
      empty={<Nothing title="There is no rule">A rule picks events by a pattern and hands them to targets. One for all insights: <Box variant="code">{EVERY_INSIGHT}</Box>, then <Box variant="code">put-targets</Box>.</Nothing>}
    />
  );
}

async function topics(): Promise<TopicTold[]> {
  const members = (document: Document, name: string) => [...document.getElementsByTagName(name)].map(one => one.textContent ?? '');
  const listed = await everyPage(async token => {
    const page = await sns('ListTopics', token ? { NextToken: token } : {});
    return { items: members(page, 'TopicArn'), next: members(page, 'NextToken')[0] };
  });
  const subscriptions = await everyPage(async token => {
    const page = await sns('ListSubscriptions', token ? { NextToken: token } : {});
    const items = [...page.getElementsByTagName('member')].map(member => {
      const said = (name: string) => member.getElementsByTagName(name)[0]?.textContent ?? '';
      return { topic: said('TopicArn'), protocol: said('Protocol'), endpoint: said('Endpoint'), isConfirmed: said('SubscriptionArn').startsWith('arn:') };
    });
    return { items, next: members(page, 'NextToken')[0] };
  });
  return listed.map(arn => ({ arn, subscriptions: subscriptions.filter(one => one.topic === arn) }));
}

function TopicsTab() {
  const asked = useQuery<TopicTold[], ApiError>({ queryKey: ['sns', 'topics'], queryFn: topics });
  if (asked.error) return <Failed error={asked.error} what="the topics" retry={() => void asked.refetch()} />;
  return (
    <Table
      items={asked.data ?? []}
      loading={asked.isPending}
      loadingText="Loading the topics…"
      trackBy="arn"
      wrapLines
      header={<Header counter={asked.data ? `(${asked.data.length})` : undefined} description="SNS topics in this Region, and who subscribed.">Topics</Header>}
      columnDefinitions={[
        { id: 'name', header: 'Name', isRowHeader: true, cell: topic => <>{topic.arn.split(':').pop()}<Small>{topic.arn}</Small></> },
        { id: 'who', header: 'Subscriptions', cell: topic => topic.subscriptions.length === 0 ? <StatusIndicator wrapText={false} type="warning">Nobody</StatusIndicator> : topic.subscriptions.map(one => (
          <div key={one.protocol + one.endpoint}><Badge>{one.protocol}</Badge> <span style={{ overflowWrap: 'anywhere' }}>{one.endpoint}</span> {one.isConfirmed ? '' : <StatusIndicator wrapText={false} type="pending">Not confirmed</StatusIndicator>}</div>
        )) },
      ]}
      empty={<Nothing title="There is no topic">A topic passes what it is told on to its subscribers: <Box variant="code">aws sns create-topic</Box>, then <Box variant="code">subscribe</Box>.</Nothing>}
    />
  );
}

const STATES = { waiting: ['pending', 'Waiting'], done: ['success', 'Arrived'], dead: ['error', 'Given up'] } as const;
const KINDS: Record<string, string> = {
  'trail-file': 'Insight file of a trail', 'digest-file': 'Digest file of a trail', 'rule-target': 'Target of a rule', 'sns-email': 'E-mail', 'sns-email-confirmation': 'E-mail to confirm',
  'sns-http': 'HTTP subscription', 'sns-http-confirmation': 'HTTP to confirm', 'sns-sqs': 'Queue', 'sns-sqs-confirmation': 'Queue to confirm', 'sns-lambda': 'Function', 'dead-letter': 'Dead letter, to its queue',
};

/** A file's name: the folders that it lies in tell nothing that it does not. */
const shortKey = (outcome: string) => outcome.replace(/^(?:[^/\s]+\/){3,}([^/\s]+)$/, '…/$1');

/** What an ARN is of, before where it is; the whole of it is at hand. */
function Target({ arn }: { arn: string }) {
  const [, , service, region, account, ...name] = arn.split(':');
  if (!arn.startsWith('arn:') || !name.length) return <span className="mono">{arn}</span>;
  return <span title={arn}><span style={{ overflowWrap: 'anywhere' }}>{name.join(':')}</span><Small>{[service, region, account].filter(Boolean).join(', ')}</Small></span>;
}

function DeliveriesTab() {
  const [state, set] = useUrlState();
  const of = state.state ?? 'all';
  const queries = useQueryClient();
  const [fault, setFault] = useState<ApiError | null>(null);
  const page = useGet<Deliveries>('deliveries', { state: of === 'all' ? undefined : of, before: state.before, limit: 50 }, { refetchInterval: state.before ? false : 10_000, placeholderData: before => before });
  if (page.error && !page.data) return <Failed error={page.error} what="the deliveries" retry={() => void page.refetch()} />;
  if (!page.data) return <Loading what="the deliveries" />;
  const { data } = page;
  const again = async (id: number) => {
    setFault(null);
    try {
      await post(`deliveries/${id}/again`);
      await queries.invalidateQueries({ queryKey: ['deliveries'] });
    } catch (error) {
      setFault(error as ApiError);
    }
  };
  return (
    <SpaceBetween size="m">
      {stale(page.error)}
      {fault && <Refused error={fault} what="It was not sent again" />}
      {data.dead > 0 && of !== 'dead' && (
        <Alert type="warning" action={<Button onClick={() => set({ state: 'dead', before: undefined })}>Show them</Button>}>
          {plural(data.dead, 'message')} {data.dead === 1 ? 'was' : 'were'} given up: nobody was told.
        </Alert>
      )}
      <Table
        items={data.deliveries}
        trackBy="id"
        wrapLines
        contentDensity="compact"
        header={
          <Header
            description={`${plural(data.waiting, 'message')} waiting, ${data.dead} given up. The newest first.`}
            actions={<SpaceBetween size="xs" direction="horizontal"><SendTest /><SegmentedControl label="In which state" selectedId={of} onChange={({ detail }) => set({ state: detail.selectedId === 'all' ? undefined : detail.selectedId, before: undefined })} options={[{ id: 'all', text: 'All' }, { id: 'waiting', text: 'Waiting' }, { id: 'done', text: 'Arrived' }, { id: 'dead', text: 'Given up' }]} /></SpaceBetween>}
          >
            Deliveries
          </Header>
        }
        columnDefinitions={[
          { id: 'at', header: 'Made (UTC)', isRowHeader: true, cell: one => <Time at={one.createdAt} short seconds />, minWidth: 120 },
          { id: 'kind', header: 'What', cell: one => KINDS[one.kind] ?? one.kind, minWidth: 130 },
          { id: 'target', header: 'To', cell: one => <Target arn={one.target} />, minWidth: 200 },
          { id: 'state', header: 'State', cell: one => <><StatusIndicator wrapText={false} type={STATES[one.state][0]}>{STATES[one.state][1]}</StatusIndicator>{one.state === 'dead' && <div><Button variant="inline-link" ariaLabel={`Send it again: ${KINDS[one.kind] ?? one.kind} to ${one.target}`} onClick={() => void again(one.id)}>Send it again</Button></div>}</>, minWidth: 120 },
          { id: 'tries', header: 'Failed attempts', cell: one => <>{one.failedAttempts}{one.state === 'waiting' && one.failedAttempts > 0 && <Small>again <Time at={one.nextAttemptAt} short /></Small>}</> },
          { id: 'answer', header: 'What came of it', minWidth: 220, cell: one => <span style={{ overflowWrap: 'anywhere' }} title={one.outcome ?? undefined}>{one.outcome ? shortKey(one.outcome) : one.lastError ?? '–'}{one.outcome && one.lastError && <Small>{one.lastError}</Small>}</span> },
        ]}
        empty={<Nothing title={of === 'all' ? 'Nobody was to be told anything yet' : 'None'}>{of === 'dead' ? 'Nothing was given up.' : undefined}</Nothing>}
        footer={
          <SpaceBetween size="xs" direction="horizontal">
            <Button disabled={!state.before} onClick={() => set({ before: undefined }, true)}>Newest</Button>
            <Button disabled={data.next === null} onClick={() => set({ before: String(data.next) }, true)}>Older</Button>
          </SpaceBetween>
        }
      />
    </SpaceBetween>
  );
}

interface Sent { sharedEventID: string; trails: string[]; buckets: string[] }

/** A made-up insight, sent the whole way: whoever is told of a real one is told of it. */
function SendTest() {
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [sent, setSent] = useState<Sent | null>(null);
  const [fault, setFault] = useState<ApiError | null>(null);
  const queries = useQueryClient();
  const send = async () => {
    setBusy(true);
    setFault(null);
    try {
      setSent(await own<Sent>('test-insight', {}));
      await queries.invalidateQueries({ queryKey: ['deliveries'] });
    } catch (error) {
      setFault(error as ApiError);
    } finally {
      setBusy(false);
    }
  };
  const close = () => { setOpen(false); setSent(null); setFault(null); };
  return (
    <>
      <Button onClick={() => setOpen(true)}>Send a test insight</Button>
      <Modal
        visible={isOpen}
        onDismiss={close}
        header="Send a test insight"
        closeAriaLabel="Close"
        footer={<Box float="right"><SpaceBetween size="xs" direction="horizontal">
          <Button variant="link" onClick={close}>{sent ? 'Close' : 'Cancel'}</Button>
          {sent ? <Button variant="primary" onClick={() => { close(); }}>See the deliveries</Button> : <Button variant="primary" loading={isBusy} onClick={() => void send()}>Send</Button>}
        </SpaceBetween></Box>}
      >
        <SpaceBetween size="s">
          {fault && <Refused error={fault} what="It was not sent" />}
          {sent ? (
            <Alert type="success" header="It is on its way">
              To {plural(sent.trails.length, 'trail')} and {plural(sent.buckets.length, 'bucket')} ({sent.buckets.join(', ')}), and to every rule and topic that such an insight reaches.{' '}
              <To href={`/insights/${sent.sharedEventID}`}>The insight</To> says that it is a test.
            </Alert>
          ) : (
            <Box variant="p">A made-up insight of an API called <Box variant="code">TrailsightTest</Box> is told to everybody who is told of a real one: files in the trails’ buckets, rules, topics, mails. Nothing is learned of it, and it says of itself that it is a test.</Box>
          )}
        </SpaceBetween>
      </Modal>
    </>
  );
}

const EXAMPLE = JSON.stringify({ source: ['aws.cloudtrail'], 'detail-type': ['AWS Insight via CloudTrail'] }, null, 2);

/** Asks EventBridge's own TestEventPattern, with the Start of insights that there were. */
function Tester() {
  const [state, set] = useUrlState();
  const session = useSession();
  const pattern = state.pattern ? pretty(state.pattern) : EXAMPLE;
  const insights = useGet<Insights>('insights', { limit: 50 });
  const chosen = insights.data?.insights.find(one => one.id === state.insight);
  const rows = insights.data?.insights ?? [];
  const [results, setResults] = useState<Record<string, boolean | string>>({});
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const test = async () => {
    setBusy(true);
    setError('');
    const found: Record<string, boolean | string> = {};
    try {
      for (const row of chosen ? [chosen] : rows) {
        const whole = await get<Insight>(`insights/${row.id}`);
        const record = whole.records.find(one => one.state === 'Start')?.record ?? whole.records[0]?.record;
        if (!record) { found[row.id] = 'no record'; continue; }
        const event = {
          version: '0', id: '00000000-0000-4000-8000-000000000000', 'detail-type': 'AWS Insight via CloudTrail', source: 'aws.cloudtrail',
          account: row.account, time: new Date(row.start * 1000).toISOString().replace('.000', ''), region: session.region, resources: [], detail: record,
        };
        const said = await aws<{ Result: boolean }>('events', 'TestEventPattern', { EventPattern: pattern, Event: JSON.stringify(event) });
        found[row.id] = said.Result;
      }
    } catch (fault) {
      setError((fault as ApiError).message);
    }
    setResults(found);
    setBusy(false);
  };
  const tested = rows.filter(row => row.id in results);
  const matched = tested.filter(row => results[row.id] === true).length;
  return (
    <SpaceBetween size="m">
      <FormField label="Event pattern" stretch errorText={error || undefined} description="As in a rule. It is EventBridge’s own TestEventPattern that answers.">
        <div className="pattern"><Textarea value={pattern} rows={9} spellcheck={false} onChange={({ detail }) => { set({ pattern: detail.value || undefined }); setResults({}); setError(''); }} ariaRequired /></div>
      </FormField>
      <SpaceBetween size="s" direction="horizontal" alignItems="end">
        <FormField label="Against">
          <Select
            selectedOption={chosen ? { value: chosen.id, label: `${chosen.title}, ${clock(chosen.start)}` } : { value: '', label: `The newest ${rows.length} insights` }}
            options={[{ value: '', label: `The newest ${rows.length} insights` }, ...rows.map(row => ({ value: row.id, label: `${row.title}, ${clock(row.start)}`, description: `${row.source} · ${row.region}` }))]}
            onChange={({ detail }) => { set({ insight: detail.selectedOption.value || undefined }); setResults({}); }}
            filteringType="auto"
          />
        </FormField>
        <Button variant="primary" loading={isBusy} disabled={!rows.length} onClick={() => void test()}>Test</Button>
      </SpaceBetween>
      {insights.error && <Failed error={insights.error} what="the insights" />}
      {tested.length > 0 && (
        <Table
          items={tested}
          trackBy="id"
          contentDensity="compact"
          wrapLines
          header={<Header description={`${matched} of ${tested.length} match.`}>Result</Header>}
          columnDefinitions={[
            { id: 'result', header: 'Matches', cell: row => results[row.id] === true ? <StatusIndicator wrapText={false} type="success">Yes</StatusIndicator> : results[row.id] === false ? <StatusIndicator wrapText={false} type="stopped">No</StatusIndicator> : results[row.id] },
            { id: 'name', header: 'Insight', isRowHeader: true, cell: row => <To href={`/insights/${row.id}`}>{row.title}</To> },
            { id: 'start', header: 'Start (UTC)', cell: row => <Time at={row.start} /> },
            { id: 'where', header: 'Where', cell: row => `${row.source} · ${row.region} · ${row.account}` },
          ]}
        />
      )}
    </SpaceBetween>
  );
}

function pretty(text: string): string {
  // What is being written is left as it is; what comes out of a rule is on one line.
  return text.includes('\n') ? text : laidOut(text);
}
