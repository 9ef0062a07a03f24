// Is this API as it should be? Any series, with or without an insight; and what another sensitivity would have told.
import Alert from '@cloudscape-design/components/alert';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Slider from '@cloudscape-design/components/slider';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { type Parameters, useGet } from '../api';
import type { Heatmap, Insights, Preview, Series as Found } from '../api-types';
import { callsOf, lakeLink } from '../lake/statement';
import { Change, Lasting, Score, Small, StateOf, Time, To } from '../parts/bits';
import { seriesLink } from '../parts/links';
import { useAccountName, useSession } from '../parts/session';
import { Failed, Loading, Nothing } from '../parts/states';
import { Timeline } from '../parts/timeline';
import { useUrlState } from '../parts/url';
import { count, figure, plural, service, shortClock } from '../words';

interface Chosen { account: string; region: string; source: string; name: string; error: string | undefined; category: string | undefined }

const times = (number: number) => (number === 0 ? 'not once' : number === 1 ? 'once' : `${count(number)} times`);
const titleOf = (one: { name: string; errorCode: string | null }) => (one.errorCode ? `${one.name} · ${one.errorCode}` : one.name);

export default function Series() {
  const [state] = useUrlState();
  const { account, region, source, name, error, category } = state;
  const chosen = account && region && source && name ? { account, region, source, name, error, category } : null;
  return (
    <ContentLayout header={<Header variant="h1" description="Any API, or error of one: what it does, what is expected of it, and what another sensitivity would have told.">API explorer</Header>}>
      <SpaceBetween size="l">
        <Find chosen={chosen} />
        {chosen ? <Shown key={JSON.stringify(chosen)} chosen={chosen} /> : <Start />}
      </SpaceBetween>
    </ContentLayout>
  );
}

/** Found by typing, in every account and Region. */
function Find({ chosen }: { chosen: Chosen | null }) {
  const [, navigate] = useLocation();
  const [words, setWords] = useState('');
  const [asked, ask] = useState('');
  const found = useGet<Found>('series', { q: asked, limit: 50 }, { placeholderData: before => before });
  useEffect(() => {
    const timer = setTimeout(() => ask(words), 150);
    return () => clearTimeout(timer);
  }, [words]);
  const options = (found.data?.series ?? []).map(one => ({ one, value: `${titleOf(one)}, ${service(one.source)}, ${one.region}, ${one.account}` }));
  const pick = (value: string) => {
    const one = options.find(option => option.value === value)?.one;
    if (!one) return;
    setWords('');
    navigate(seriesLink(one));
  };
  return (
    <div data-filter>
      <FormField label={chosen ? 'Another one' : 'Which'} stretch description="Words of its name, service, error code, Region or account, in any order.">
        <Autosuggest
          value={words}
          onChange={({ detail }) => setWords(detail.value)}
          onSelect={({ detail }) => pick(detail.value)}
          filteringType="manual"
          options={options.map(({ one, value }) => ({ value, label: titleOf(one), description: `${one.source} · ${one.region} · ${one.account}`, tags: one.category === 'Data' ? ['data event'] : undefined }))}
          statusType={found.isFetching ? 'loading' : found.error ? 'error' : 'finished'}
          loadingText="Looking…"
          errorText={found.error?.message}
          finishedText={found.data && found.data.total > found.data.series.length ? `The first ${found.data.series.length} of ${count(found.data.total)}: write more to see others` : undefined}
          empty="None is called so within 90 days"
          placeholder="RunInstances us-east-1"
          ariaLabel="Find a series"
          enteredTextLabel={value => `Words: ${value}`}
          hideEnteredTextOption
        />
      </FormField>
      {found.error && !found.data && <Failed error={found.error} what="the series" retry={() => void found.refetch()} />}
    </div>
  );
}

function Start() {
  const heatmap = useGet<Heatmap>('heatmap', { kind: 'all' });
  if (!heatmap.data) return heatmap.error ? <Failed error={heatmap.error} what="the APIs" retry={() => void heatmap.refetch()} /> : <Loading what="the APIs" />;
  return (
    <Table
      items={heatmap.data.rows}
      trackBy={seriesLink}
      contentDensity="compact"
      wrapLines
      header={<Header variant="h2" counter={`(${heatmap.data.rows.length} of ${count(heatmap.data.series)})`} description="The most unusual of the last seven days first, then the busiest.">Begin with one of these</Header>}
      columnDefinitions={[
        { id: 'name', header: 'API', isRowHeader: true, minWidth: 200, cell: row => <><To href={seriesLink(row)} isRow>{row.title}</To><Small>{row.source}</Small></> },
        { id: 'where', header: 'Where', cell: row => <>{row.region}<Small>{row.account}</Small></> },
        { id: 'calls', header: 'Calls in 7 days', cell: row => count(row.counts.reduce((sum, calls) => sum + calls, 0)) },
        { id: 'insights', header: 'Insights', cell: row => (row.marks.length ? row.marks.length : '–') },
      ]}
      empty={<Nothing title="Nothing was called yet">Once log files come in, each API has its series here.</Nothing>}
    />
  );
}

function Shown({ chosen }: { chosen: Chosen }) {
  const [state, set] = useUrlState();
  const [, navigate] = useLocation();
  const nameOf = useAccountName();
  // By the service's clock; it moves in steps, so that the same is not asked for again and again.
  const now = Math.floor(useSession().now / 300) * 300;
  const asked: Parameters = { ...chosen };
  const preview = useGet<Preview>('series/preview', asked, { staleTime: 300_000 });
  const title = titleOf({ name: chosen.name, errorCode: chosen.error ?? null });
  const step = stepOf(preview.data, state.promise);
  const days = (number: number) => ({ from: now - number * 86_400, until: now });
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={`${chosen.source} · ${chosen.region} · account ${nameOf(chosen.account)}${chosen.category === 'Data' ? ' · data events' : ''}`}
            actions={<Button onClick={() => navigate(lakeLink(callsOf(chosen, now - 86_400, now)))}>Query in Lake</Button>}
          >
            {title}
          </Header>
        }
      >
        <SpaceBetween size="m">
          {preview.data?.isWatched === false && (
            <Alert type="info" header="It is counted, and not looked at">
              {chosen.category === 'Data' ? 'Data events are looked at where an account’s settings say so.' : 'As with AWS, the call rates of APIs that only read are not looked at unless an account’s settings say so; their errors are.'}
            </Alert>
          )}
          <Timeline
            path="series/timeline"
            parameters={asked}
            about={{ id: null, start: now - 3600, until: now, isRare: false }}
            spans={[1, 3, 7, 30, 90].map(number => ({ id: `${number}d`, text: `${number}d`, asked: days(number) }))}
            usual="7d"
            isGoingOn
            title={`${title} · ${chosen.source} · ${chosen.region} · ${chosen.account} (UTC)`}
            file={chosen.name}
            would={step?.insights}
          />
        </SpaceBetween>
      </Container>
      <Sensitivity preview={preview.data} error={preview.error} retry={() => void preview.refetch()} step={step} choose={promise => set({ promise })} />
      <Past chosen={chosen} />
    </SpaceBetween>
  );
}

const stepOf = (preview: Preview | undefined, chosen: string | undefined) =>
  preview?.steps.find(step => String(step.falseAlarmsPerMonth) === chosen) ?? preview?.steps.find(step => step.falseAlarmsPerMonth === preview.promised);

interface SensitivityProps { preview: Preview | undefined; error: import('../api').ApiError | null; retry: () => void; step: Preview['steps'][number] | undefined; choose: (promise: string | undefined) => void }

function Sensitivity({ preview, error, retry, step, choose }: SensitivityProps) {
  const header = <Header variant="h2" description="Its kept counts, looked at again as if another number of false alarms were promised. Nothing is changed by it.">Sensitivity</Header>;
  if (!preview) return <Container header={header}>{error ? <Failed error={error} what="the sensitivity" retry={retry} /> : <Loading what="the sensitivity" />}</Container>;
  if (!preview.steps.length || !step) return <Container header={header}><Nothing title="There is nothing to look at again">{preview.whyNot}</Nothing></Container>;
  const at = preview.steps.indexOf(step);
  const now = preview.steps.find(one => one.falseAlarmsPerMonth === preview.promised);
  const days = preview.from !== null && preview.until !== null ? Math.max(1, Math.round((preview.until - preview.from) / 86_400)) : 0;
  return (
    <Container header={header}>
      <SpaceBetween size="m">
        <FormField label="False alarms that are promised, an account and month" description={`Shared by ${count(preview.series)} series of the account. ${figure(preview.promised)} is what is promised now.`}>
          <Slider
            value={at}
            min={0}
            max={preview.steps.length - 1}
            step={1}
            tickMarks
            hideFillLine
            onChange={({ detail }) => {
              const chosen = preview.steps[detail.value]!;
              choose(chosen.falseAlarmsPerMonth === preview.promised ? undefined : String(chosen.falseAlarmsPerMonth));
            }}
            referenceValues={preview.steps.map((_, index) => index).slice(1, -1)}
            valueFormatter={index => figure(preview.steps[index]?.falseAlarmsPerMonth ?? 0)}
            ariaLabel="False alarms that are promised, an account and month"
          />
        </FormField>
        <p className="would" role="status">
          With <strong>{figure(step.falseAlarmsPerMonth)}</strong> it would have fired <strong>{times(step.total)}</strong> in {plural(days, 'day')}
          {now && now !== step && <>; with {figure(now.falseAlarmsPerMonth)}, as now, {times(now.total)}</>}.
        </p>
        {step.insights.length > 0 && (
          <Box variant="small" color="text-body-secondary">
            {[...step.insights].reverse().slice(0, 8).map(one => `${shortClock(one.start)} ${one.direction === 'increase' ? '▲' : '▼'}`).join(', ')}{step.total > 8 ? ', …' : ''} (UTC); the bars at the top of the timeline.
          </Box>
        )}
        <Box variant="small" color="text-body-secondary">
          What was told then may differ: how many series share the promise, and how often the account has alarmed, are taken as they are today. A trail’s tag <Box variant="code">trailsight:false-alarms-per-month</Box> sets it.
        </Box>
      </SpaceBetween>
    </Container>
  );
}

function Past({ chosen }: { chosen: Chosen }) {
  const { account, region, source, name, error } = chosen;
  const insights = useGet<Insights>('insights', { account, region, source, name, error, type: error ? 'ApiErrorRateInsight' : 'ApiCallRateInsight', limit: 25 });
  return (
    <Table
      items={insights.data?.insights ?? []}
      loading={insights.isPending}
      loadingText="Loading the insights…"
      trackBy="id"
      contentDensity="compact"
      wrapLines
      header={<Header variant="h2" counter={insights.data ? `(${count(insights.data.total)})` : undefined} description="Of 90 days.">Its insights</Header>}
      columnDefinitions={[
        { id: 'score', header: 'Score', width: 84, cell: row => <Score row={row} /> },
        { id: 'start', header: 'Start (UTC)', isRowHeader: true, minWidth: 140, cell: row => <><To href={`/insights/${row.id}`} isRow><Time at={row.start} /></To><Small><Lasting row={row} /></Small></> },
        { id: 'change', header: 'Change', minWidth: 120, cell: row => <><Change row={row} /><Small>{figure(row.baselineAverage)} → {figure(row.insightAverage)} / min</Small></> },
        { id: 'who', header: 'Top identity', cell: row => row.topIdentity?.short ?? '–' },
        { id: 'state', header: 'State', cell: row => <StateOf row={row} /> },
      ]}
      empty={insights.error ? <Failed error={insights.error} what="the insights" retry={() => void insights.refetch()} /> : <Nothing title="It has had none">Nothing about it was unusual in 90 days.</Nothing>}
    />
  );
}
