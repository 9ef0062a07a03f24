// What happened, why do you say so, who did it, what changed, what shall I do?
import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { type ApiError, useGet } from '../api';
import type { Insight as Told } from '../api-types';
import { Change, Score, Small, StateOf, Time, To } from '../parts/bits';
import { Attributions, WhatIsDifferent } from '../parts/attributions';
import { Events } from '../parts/events';
import { laidOut, textsAt } from '../parts/json';
import { Kind, KINDS } from '../parts/kind';
import { End, useScope, When } from '../parts/said';
import { isKind, Say } from '../parts/say';
import { useAccountName } from '../parts/session';
import { callsBehind, lakeLink } from '../lake/statement';
import { seriesLink } from '../parts/links';
import { Failed, Loading, Nothing, Refused, stale } from '../parts/states';
import { ofInsight, Timeline } from '../parts/timeline';
import { oneOf, useUrlState } from '../parts/url';
import { count, duration, figure, plural, range } from '../words';

interface Data extends Told { texts: string[] }

/** With the text of each of its records: they are copied as they were written. */
function read(text: string): Data {
  return { ...(JSON.parse(text) as Told), texts: textsAt(text, 'records.*.record') };
}

/** By these they are called in addresses. */
const TABS = ['who', 'different', 'events', 'around', 'how', 'record'] as const;

export default function Insight({ id }: { id: string }) {
  const [, navigate] = useLocation();
  const insight = useGet<Data>(`insights/${id}`, {}, { read, refetchInterval: query => (query.state.data?.state === 'ended' ? false : 20_000) });
  const data = insight.data;
  const crumbs = (
    <BreadcrumbGroup
      ariaLabel="Where this is"
      items={[{ text: 'Insights', href: '/console/insights' }, { text: data?.title ?? 'Insight', href: '#' }]}
      onFollow={event => { event.preventDefault(); navigate('/insights'); }}
    />
  );
  if (!data) {
    return (
      <ContentLayout breadcrumbs={crumbs} header={<Header variant="h1">Insight</Header>}>
        {insight.error?.status === 404 ? (
          <Nothing title="There is no such insight" action={<To href="/insights">All insights</To>}>It may be older than 90 days, or taken back because corrected counts no longer show it.</Nothing>
        ) : insight.error ? <Failed error={insight.error} what="the insight" retry={() => void insight.refetch()} /> : <Loading what="the insight" />}
      </ContentLayout>
    );
  }
  return <Shown data={data} crumbs={crumbs} old={stale(insight.error)} />;
}

function Shown({ data, crumbs, old }: { data: Data; crumbs: React.ReactNode; old: React.ReactNode }) {
  const [state, set] = useUrlState();
  const [, navigate] = useLocation();
  const nameOf = useAccountName();
  const [notice, setNotice] = useState<string | null>(null);
  const { statistics } = data;
  const { newer, older, number, count: ofSame } = data.ofSame;
  return (
    <ContentLayout
      breadcrumbs={crumbs}
      header={
        <Header
          variant="h1"
          description={`${data.type === 'ApiCallRateInsight' ? 'API call rate' : 'API error rate'} · ${data.source} · ${data.region} · account ${nameOf(data.account)}`}
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              {data.origin !== 'test' && (
                <span data-say>
                  <ButtonDropdown items={(['falseAlarm', 'real', 'muted', 'expected'] as const).map(id => ({ id, text: KINDS[id].short, disabled: data.verdict === id, disabledReason: 'That is what it was called.' }))} onItemClick={({ detail }) => set({ say: detail.id })}>This was expected…</ButtonDropdown>
                </span>
              )}
              <Button onClick={() => navigate(seriesLink(data))}>This API</Button>
              <Button onClick={() => navigate(lakeLink(callsBehind(data)))}>Query in Lake</Button>
              <CopyToClipboard variant="button" copyButtonText="Copy link" copySuccessText="Copied" copyErrorText="It could not be copied" textToCopy={window.location.href} />
              <Button iconName="angle-left" ariaLabel="The insight of this API before" disabled={!older} onClick={() => older && navigate(`/insights/${older}`)} />
              <Button iconName="angle-right" ariaLabel="The insight of this API after" disabled={!newer} onClick={() => newer && navigate(`/insights/${newer}`)} />
            </SpaceBetween>
          }
        >
          {data.title} <Score row={data} /> <Box variant="span" fontSize="body-m"><StateOf row={data} /></Box>
        </Header>
      }
    >
      <SpaceBetween size="l">
        {old}
        <Why data={data} />
        {notice && <Alert type="info" dismissible dismissAriaLabel="Close" onDismiss={() => setNotice(null)}>{notice}</Alert>}
        <WhatWasSaid data={data} />
        <Container header={<Header variant="h2" description={ofSame > 1 ? (number === null ? `Older than the newest ${plural(ofSame, 'insight')} of this API` : `${number} of ${plural(ofSame, 'insight')} of this API`) : undefined}>Timeline</Header>}>
          <SpaceBetween size="m">
            <Timeline {...ofInsight(data)} />
            <ColumnLayout columns={4} variant="text-grid" minColumnWidth={160}>
              <Figure label="Baseline average">{figure(statistics.baselineAverage)} / min<Small>{plural(statistics.baselineCalls, 'call')} in {duration(statistics.baselineMinutes)}</Small></Figure>
              <Figure label="Insight average">{figure(statistics.insightAverage)} / min<Small>{plural(statistics.insightCalls, 'call')} in {duration(statistics.insightMinutes)}</Small></Figure>
              <Figure label="Change"><Change row={data} /><Small>{figure(data.explanation.calls)} where {figure(data.explanation.expected)} expected, {range(data.explanation.expected_low, data.explanation.expected_high)} usual</Small></Figure>
              <Figure label="State">{data.state === 'ongoing' ? <>Ongoing, {duration(data.minutes)} so far</> : <>Ended after {duration(data.minutes)}</>}<Small>Called unusual after {duration((data.called - data.start) / 60)}</Small>{data.state === 'ongoing' && data.direction === 'increase' && <Small>Last call before <Time at={data.until} short />; over once it was usual for an hour</Small>}</Figure>
              <Figure label="Start (UTC)"><Time at={data.start} /></Figure>
              <Figure label="End (UTC)">{data.end === null ? '–' : <Time at={data.end} />}</Figure>
              <Figure label="Learned from">{duration(data.explanation.minutes_learned)}<Small>{count(data.explanation.series_count)} rates of the account are watched</Small></Figure>
              <Figure label="Shared event ID"><CopyToClipboard variant="inline" textToCopy={data.id} textToDisplay={`${data.id.slice(0, 13)}…`} copyButtonAriaLabel="Copy the shared event ID" copySuccessText="Copied" copyErrorText="It could not be copied" /></Figure>
            </ColumnLayout>
          </SpaceBetween>
        </Container>
        <Tabs
          variant="container"
          activeTabId={oneOf(TABS, state.tab)}
          onChange={({ detail }) => set({ tab: detail.activeTabId === 'who' ? undefined : detail.activeTabId })}
          tabs={[
            { id: 'who', label: 'Attributions', content: <Attributions shares={data.attributions} /> },
            { id: 'different', label: 'What is different', content: <WhatIsDifferent shares={data.attributions} isFall={data.direction === 'decrease'} /> },
            { id: 'events', label: 'CloudTrail events', content: <Events insight={data} /> },
            { id: 'around', label: `Around it (${data.around.length})`, content: <Around data={data} /> },
            { id: 'how', label: 'How it was computed', content: <How data={data} /> },
            { id: 'record', label: 'Insight event record', content: <Records data={data} /> },
          ]}
        />
        {isKind(state.say) && <Say key={state.say} kind={state.say} of={data} close={() => set({ say: undefined })} said={told => setNotice(told.notice)} />}
      </SpaceBetween>
    </ContentLayout>
  );
}

/** What held it back, what it was called, and what is in force for its API. */
function WhatWasSaid({ data }: { data: Data }) {
  const [fault, setFault] = useState<ApiError | null>(null);
  const scope = useScope();
  const [, navigate] = useLocation();
  if (data.said.length === 0 && data.heldBy === null) return null;
  return (
    <Container header={<Header variant="h2" description={data.heldBy === null ? undefined : 'It was held back: found, kept and shown, and nobody was told.'} actions={<Button onClick={() => navigate('/expected')}>All that was said</Button>}>What was said</Header>}>
      <SpaceBetween size="s">
        {fault && <Refused error={fault} what="It was not ended" />}
        <ul className="story">
          {data.said.map(one => (
            <li key={one.id}>
              <Kind kind={one.kind} />
              <span className="said-line">
                {one.id === data.heldBy && <strong>Held this back. </strong>}
                {(one.kind === 'muted' || one.kind === 'expected') && <><To href={`/expected?id=${one.id}`}>{one.apis}</To>, {scope(one)}: <When one={one} />. </>}
                {one.state === 'ended' && <strong>Ended. </strong>}
                {one.why && <>“{one.why}” </>}
                <span className="soft">{one.saidBy || 'Somebody'}, <Time at={one.saidAt} /></span>{' '}
                <End one={one} failed={setFault} />
              </span>
            </li>
          ))}
        </ul>
      </SpaceBetween>
    </Container>
  );
}

/** The first ten seconds. */
function Why({ data }: { data: Data }) {
  return (
    <section className={`why ${data.state} ${data.level}`} aria-label="Why it is told">
      <h2>{data.headline}</h2>
      <p>{data.sentence}</p>
      <p className="soft">{data.rarity}</p>
      <div className="why-two">
        {data.different.length > 0 && (
          <div>
            <h3>What is different</h3>
            <ul>{data.different.map(sentence => <li key={sentence}>{sentence}</li>)}</ul>
          </div>
        )}
        <div>
          <h3>What to look at</h3>
          <ul>
            {data.nextSteps.map(sentence => <li key={sentence}>{sentence}</li>)}
            {data.around.length > 0 && (
              <li><To href={`/insights/${data.id}?tab=around`}>{plural(data.around.length, 'other insight')}</To> of this account began within an hour of it.</li>
            )}
          </ul>
        </div>
      </div>
      {data.isNewUsual && <p className="soft">It has lasted so long that it is taken for the new usual.</p>}
    </section>
  );
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  return <div><Box variant="awsui-key-label">{label}</Box><div>{children}</div></div>;
}

function Around({ data }: { data: Data }) {
  if (!data.around.length) return <Nothing title="It is alone">No other insight of this account began within an hour of it.</Nothing>;
  return (
    <SpaceBetween size="s">
      <Box variant="p" color="text-body-secondary">Insights of account {data.account} that began within an hour before or after: parts of one story, perhaps.</Box>
      <ul className="story">
        {data.around.map(row => (
          <li key={row.id}>
            <Time at={row.start} short />
            <Score row={row} />
            <To href={`/insights/${row.id}?tab=around`}>{row.title}</To>
            <Change row={row} />
            <span className="soft">{row.region}{row.topIdentity ? ` · ${row.topIdentity.short}` : ''}</span>
            {data.topIdentity && row.topIdentity?.value === data.topIdentity.value && <Badge>same identity</Badge>}
          </li>
        ))}
      </ul>
    </SpaceBetween>
  );
}

function How({ data }: { data: Data }) {
  const curl = `curl -H 'x-trailsight-request: 1' ${window.location.origin}/api/console/v1/insights/${data.id}`;
  return (
    <SpaceBetween size="m">
      <dl className="facts">
        {data.facts.map(({ name, fact }) => <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd>{fact}</dd></div>)}
      </dl>
      <Box variant="p" color="text-body-secondary">
        The rate of this API is expected from its hour of the week and its recent level; windows of 1 to 360 minutes are held against it,
        and how rare the surprise is comes from the series’ own past. The same numbers from a terminal:
      </Box>
      <CopyToClipboard variant="inline" textToCopy={curl} textToDisplay={curl} copyButtonAriaLabel="Copy the command" copySuccessText="Copied" copyErrorText="It could not be copied" />
    </SpaceBetween>
  );
}

function Records({ data }: { data: Data }) {
  return (
    <SpaceBetween size="m">
      {data.records.length === 0 && <Nothing title="No record was cut">What is only shown, and never sent, has none.</Nothing>}
      {data.records.map((record, index) => {
        const text = laidOut(data.texts[index] ?? '');
        return (
          <div key={record.state}>
            <Header variant="h3" actions={<CopyToClipboard variant="button" copyButtonText="Copy" textToCopy={text} copySuccessText="Copied" copyErrorText="It could not be copied" />}
              description={record.sentAt === null ? 'EventBridge was not told.' : <>EventBridge was told at <Time at={record.sentAt} seconds /> UTC.</>}>
              {record.state}
            </Header>
            <pre className="json" tabIndex={0} aria-label={`The ${record.state} record`}>{text}</pre>
          </div>
        );
      })}
    </SpaceBetween>
  );
}
