// What was unusual, and which one first?
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import PropertyFilter, { type PropertyFilterProps } from '@cloudscape-design/components/property-filter';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import { useMemo, useState } from 'react';
import { type ApiError, get, useGet } from '../api';
import type { Insights as Page, Row } from '../api-types';
import { Change, Lasting, Score, Small, Spark, StateOf, Time, To } from '../parts/bits';
import { csv, download } from '../parts/download';
import { Failed, Nothing, Refused } from '../parts/states';
import { spanOf, SPANS, TimeRange } from '../parts/range';
import { useSession } from '../parts/session';
import { useUrlState } from '../parts/url';
import { count, figure, percent } from '../words';

const PROPERTIES: PropertyFilterProps.FilteringProperty[] = [
  ['name', 'Event name', 'Event names'],
  ['source', 'Event source', 'Event sources'],
  ['type', 'Insight type', 'Insight types'],
  ['state', 'State', 'States'],
  ['direction', 'Direction', 'Directions'],
  ['error', 'Error code', 'Error codes'],
  ['account', 'Account', 'Accounts'],
  ['region', 'Region', 'Regions'],
  ['identity', 'Identity ARN (a part of it)', 'Identities'],
  ['origin', 'Origin', 'Origins'],
  ['held', 'Held back', 'Held back'],
  ['verdict', 'Called', 'Called'],
  ['heldBy', 'Held back by (an id)', 'Held back by'],
].map(([key, label, group]) => ({ key: key!, propertyLabel: label!, groupValuesLabel: group!, operators: ['=', '!='] }));

const FIXED: PropertyFilterProps.FilteringOption[] = [
  { propertyKey: 'type', value: 'ApiCallRateInsight', label: 'API call rate' },
  { propertyKey: 'type', value: 'ApiErrorRateInsight', label: 'API error rate' },
  { propertyKey: 'state', value: 'ongoing', label: 'Ongoing' },
  { propertyKey: 'state', value: 'ended', label: 'Ended' },
  { propertyKey: 'direction', value: 'increase', label: 'Increase' },
  { propertyKey: 'direction', value: 'decrease', label: 'Decrease' },
  { propertyKey: 'origin', value: 'live' }, { propertyKey: 'origin', value: 'history' }, { propertyKey: 'origin', value: 'test' },
  { propertyKey: 'held', value: 'yes', label: 'Held back' }, { propertyKey: 'held', value: 'no', label: 'Not held back' },
  { propertyKey: 'verdict', value: 'falseAlarm', label: 'False alarm' }, { propertyKey: 'verdict', value: 'real', label: 'Real' }, { propertyKey: 'verdict', value: 'nothing', label: 'Nothing' },
];
const KEYS = PROPERTIES.map(property => property.key);
const DEFAULT_SPAN = '30d';

const COLUMNS: TableProps.ColumnDefinition<Row>[] = [
  { id: 'score', header: 'Score', sortingField: 'score', width: 84, cell: row => <Score row={row} /> },
  { id: 'name', header: 'Event name', sortingField: 'name', isRowHeader: true, minWidth: 164, cell: row => (
    <><To href={`/insights/${row.id}`} isRow>{row.title}</To><Small>{row.source}</Small></>
  ) },
  { id: 'type', header: 'Type', minWidth: 130, cell: row => <>{row.type === 'ApiCallRateInsight' ? 'API call rate' : 'API error rate'}<Small>{row.account}</Small><Small>{row.region}</Small></> },
  { id: 'start', header: 'Start (UTC)', sortingField: 'start', minWidth: 140, cell: row => <><Time at={row.start} /><Small><Lasting row={row} /></Small></> },
  { id: 'spark', header: 'Rate', width: 108, cell: row => <Spark data={row.spark} label={`Around it: ${figure(row.baselineAverage)} a minute before, ${figure(row.insightAverage)} during`} /> },
  { id: 'change', header: 'Change', sortingField: 'change', minWidth: 118, cell: row => <><Change row={row} /><Small>{figure(row.baselineAverage)} → <span className="nowrap">{figure(row.insightAverage)} / min</span></Small></> },
  { id: 'who', header: 'Top identity', minWidth: 170, cell: row => row.topIdentity ? (
    <span title={row.topIdentity.value} className="who">{row.topIdentity.short} {row.topIdentity.isNew && <span className="new">New</span>}<Small>{percent(row.topIdentity.share)} of the calls{row.direction === 'decrease' && ' before'}</Small></span>
  ) : '–' },
  { id: 'state', header: 'State', minWidth: 110, cell: row => <StateOf row={row} /> },
];

export default function Insights() {
  const [state, set] = useUrlState();
  const span = spanOf(state, DEFAULT_SPAN);
  const sort = state.sort ?? 'start';
  const order = state.order === 'asc' ? 'asc' : 'desc';
  const page = Math.max(1, Number(state.page) || 1);
  const filters = Object.fromEntries(KEYS.filter(key => state[key]).map(key => [key, state[key]!]));
  // By the service's clock; it moves in steps, so that the same page is not asked for again and again.
  const clockNow = Math.floor(useSession().now / 60) * 60;
  const range = span ? { from: clockNow - (SPANS[span] ?? SPANS[DEFAULT_SPAN]!) } : { from: state.from, until: state.until };
  const asked = { ...filters, q: state.q, not: state.not, ...range, sort, order, page, limit: 25 };
  const insights = useGet<Page>('insights', asked, { refetchInterval: 20_000, placeholderData: before => before });
  const data = insights.data;
  const [isSaving, setSaving] = useState(false);
  const [fault, setFault] = useState<ApiError | null>(null);
  const saveAs = async (form: string) => {
    setSaving(true);
    setFault(null);
    try {
      await save(form, asked);
    } catch (error) {
      setFault(error as ApiError);
    } finally {
      setSaving(false);
    }
  };

  const query = useMemo<PropertyFilterProps.Query>(() => {
    const tokens: PropertyFilterProps.Token[] = [];
    for (const key of KEYS) for (const value of state[key]?.split(',') ?? []) tokens.push({ propertyKey: key, operator: '=', value });
    for (const one of state.not?.split(',') ?? []) {
      const [key, ...value] = one.split(':');
      tokens.push({ propertyKey: key, operator: '!=', value: value.join(':') });
    }
    if (state.q) tokens.push({ operator: ':', value: state.q });
    return { tokens, operation: 'and' };
  }, [state]);
  const filter = ({ tokens }: PropertyFilterProps.Query) => {
    const values = (key: string) => tokens.filter(token => token.propertyKey === key && token.operator === '=').map(token => token.value);
    const not = tokens.filter(token => token.operator === '!=').map(token => `${token.propertyKey}:${token.value}`);
    const words = tokens.filter(token => !token.propertyKey).map(token => token.value);
    set({
      ...Object.fromEntries(KEYS.map(key => [key, [...new Set(values(key))].join(',')])),
      not: not.join(','),
      q: words.at(-1) ?? '',
      page: undefined,
    }, true);
  };
  const options = useMemo(() => {
    const rows = data?.insights ?? [];
    const of = (key: string, value: (row: Row) => string | null) =>
      [...new Set(rows.map(value).filter((one): one is string => Boolean(one)))].map(one => ({ propertyKey: key, value: one }));
    return [
      ...FIXED, ...of('name', row => row.name), ...of('source', row => row.source), ...of('error', row => row.errorCode),
      ...of('account', row => row.account), ...of('region', row => row.region), ...of('identity', row => row.topIdentity?.short ?? null),
    ];
  }, [data]);

  return (
    <SpaceBetween size="m">
      {fault && <Refused error={fault} what="It was not downloaded" />}
      {insights.error && data && <Failed error={insights.error} what="the insights" />}
      <Table
        variant="full-page"
        stickyHeader
        wrapLines
        items={data?.insights ?? []}
        trackBy="id"
        loading={insights.isPending}
        loadingText="Loading the insights…"
        columnDefinitions={COLUMNS}
        sortingColumn={COLUMNS.find(column => column.id === sort) ?? COLUMNS[3]}
        sortingDescending={order === 'desc'}
        onSortingChange={({ detail }) => // What is asked for of a column first is its most.
          set({ sort: detail.sortingColumn.sortingField, order: detail.sortingColumn.sortingField === sort && order === 'desc' ? 'asc' : undefined, page: undefined })}
        header={
          <Header
            variant="awsui-h1-sticky"
            counter={data ? `(${count(data.total)})` : undefined}
            description="Runs of unusual minutes of one API. Nothing here can be deleted; it is kept for 90 days."
            actions={
              <SpaceBetween size="xs" direction="horizontal">
                <Button iconName="refresh" ariaLabel="Refresh" onClick={() => void insights.refetch()} loading={insights.isFetching && !insights.isPending} />
                <ButtonDropdown
                  items={[{ id: 'csv', text: 'All of them as CSV' }, { id: 'json', text: 'All of them as JSON' }]}
                  onItemClick={({ detail }) => void saveAs(detail.id)}
                  loading={isSaving}
                  disabled={!data?.total}
                >
                  Download
                </ButtonDropdown>
              </SpaceBetween>
            }
          >
            Insights
          </Header>
        }
        filter={
          <SpaceBetween size="xs">
            <div data-filter>
              <PropertyFilter
                query={query}
                onChange={({ detail }) => filter(detail)}
                filteringProperties={PROPERTIES}
                filteringOptions={options}
                countText={data ? `${count(data.total)} ${data.total === 1 ? 'match' : 'matches'}` : undefined}
                hideOperations
                filteringAriaLabel="Filter insights"
                filteringPlaceholder="Filter by event name, source, account, identity …"
                i18nStrings={FILTER_WORDS}
              />
            </div>
            <TimeRange usual={DEFAULT_SPAN} now={clockNow} />
          </SpaceBetween>
        }
        pagination={
          <Pagination
            currentPageIndex={page}
            pagesCount={data?.pages ?? 1}
            onChange={({ detail }) => set({ page: detail.currentPageIndex === 1 ? undefined : String(detail.currentPageIndex) }, true)}
            ariaLabels={{ nextPageLabel: 'Next page', previousPageLabel: 'Previous page', pageLabel: number => `Page ${number}`, paginationLabel: 'Pages of insights' }}
          />
        }
        empty={
          insights.error ? <Failed error={insights.error} what="the insights" retry={() => void insights.refetch()} />
            : query.tokens.length ? <Nothing title="No insight matches" action={<Button onClick={() => filter({ tokens: [], operation: 'and' })}>Clear the filter</Button>} />
            : <Nothing title="Nothing unusual in this time">Insights begin once an account-Region was watched for 36 hours: <To href="/trails">see how far it is</To>.</Nothing>
        }
        footer={data?.isCut ? <Small>Only the newest 10,000 insights of this time were looked at: ask for a shorter one.</Small> : undefined}
      />
    </SpaceBetween>
  );
}

/** Every page of it, one after the other. */
async function save(form: string, asked: Record<string, string | number | undefined>) {
  const rows: Row[] = [];
  for (let page = 1; ; page++) {
    const one = await get<Page>('insights', { ...asked, page, limit: 100 });
    rows.push(...one.insights);
    if (page >= one.pages) break;
  }
  if (form === 'json') download('insights.json', 'application/json', `${JSON.stringify(rows, null, 2)}\n`);
  else download('insights.csv', 'text/csv', table(rows));
}

function table(rows: Row[]): string {
  const fields = ['id', 'account', 'region', 'source', 'name', 'errorCode', 'type', 'direction', 'state', 'origin', 'start', 'end', 'minutes', 'baselineAverage', 'insightAverage', 'ratio', 'score', 'heldBy', 'verdict', 'what'] as const;
  const value = (row: Row, field: (typeof fields)[number]) =>
    field === 'start' || field === 'end' ? (row[field] === null ? null : new Date(row[field]! * 1000).toISOString()) : row[field];
  return csv([...fields], rows.map(row => fields.map(field => value(row, field))));
}

const FILTER_WORDS: PropertyFilterProps.I18nStrings = {
  filteringAriaLabel: 'Filter insights', dismissAriaLabel: 'Close', groupValuesText: 'Values', groupPropertiesText: 'Properties', operatorsText: 'Operators',
  operatorText: 'Operator', operatorEqualsText: 'Is', operatorDoesNotEqualText: 'Is not', operatorContainsText: 'Contains', operatorDoesNotContainText: 'Does not contain', editTokenHeader: 'Change the condition', propertyText: 'Property', valueText: 'Value', cancelActionText: 'Cancel', applyActionText: 'Apply', allPropertiesLabel: 'Any property',
  clearFiltersText: 'Clear the filter', tokenLimitShowMore: 'More', tokenLimitShowFewer: 'Fewer', removeTokenButtonAriaLabel: token => `Take out ${token.propertyKey ?? 'words'} ${token.value}`, enteredTextLabel: text => `Words: “${text}”`, tokenOperatorAriaLabel: 'and', operationAndText: 'and', operationOrText: 'or',
};
