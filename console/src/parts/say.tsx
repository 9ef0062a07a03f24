// Says something of insights: what is muted, what is expected, what an insight was. Filled in from an insight, where it is said of one.
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiError, post } from '../api';
import type { Insight, SaidNow, Saying } from '../api-types';
import { clock, percent, service } from '../words';
import { useFocusBack } from './focus';
import { KINDS } from './kind';
import { askAgain } from './said';
import { Refused } from './states';
import { useSession } from './session';

/** What `say` in an address may be. */
export const isKind = (word: string | undefined): word is Saying['kind'] => word !== undefined && word in KINDS;

const LASTS: Record<string, [string, number]> = {
  '1h': ['For an hour', 3600], '4h': ['For 4 hours', 14_400], '12h': ['For 12 hours', 43_200], '1d': ['For a day', 86_400], '3d': ['For 3 days', 259_200], '7d': ['For a week', 604_800], '30d': ['For 30 days', 2_592_000],
};
const AS = /^\d{4}-\d\d-\d\d \d\d:\d\d$/;
/** Seconds since 1970 of what is written as 2026-02-12 18:00, in UTC. */
const moment = (text: string) => (AS.test(text.trim()) && Date.parse(`${text.trim().replace(' ', 'T')}:00Z`) / 1000) || null;

export function Say({ kind, of, close, said }: { kind: Saying['kind']; of?: Insight; close: () => void; said?: (now: SaidNow) => void }) {
  useFocusBack('[data-say] button');
  const { now, accounts, account: own } = useSession();
  const queries = useQueryClient();
  const [apis, setApis] = useState(of ? `${service(of.source)}/${of.name}` : '');
  const [account, setAccount] = useState(of?.account ?? '');
  const [region, setRegion] = useState(of?.region ?? '');
  const [error, setError] = useState(of?.errorCode ?? '');
  const [by, setBy] = useState('');
  const [direction, setDirection] = useState<string>(of?.direction ?? 'both');
  const [begins, setBegins] = useState(of ? 'start' : 'now');
  const [from, setFrom] = useState(clock(of?.start ?? now));
  const [lasts, setLasts] = useState(kind === 'muted' ? 'ever' : '4h');
  const [until, setUntil] = useState(clock(now + 14_400));
  const [why, setWhy] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<ApiError | null>(null);
  const isOfOne = kind === 'falseAlarm' || kind === 'real';
  const first = begins === 'start' && of ? of.start : begins === 'at' ? moment(from) : null;
  const last = lasts === 'ever' ? null : lasts === 'at' ? moment(until) : (begins === 'at' ? Math.max(first ?? now, now) : now) + LASTS[lasts]![1];
  const missing = {
    apis: !isOfOne && !apis.trim(),
    from: kind === 'expected' && begins === 'at' && first === null,
    until: lasts === 'at' && !isOfOne && last === null,
    why: !isOfOne && !why.trim(),
  };
  const [isTried, setTried] = useState(false);
  const isWhole = !Object.values(missing).some(Boolean);
  const say = async () => {
    setTried(true);
    if (!isWhole) return;
    setBusy(true);
    setFault(null);
    try {
      const told = await post<SaidNow>('expected', isOfOne
        ? { kind, insight: of?.id, why }
        : {
            kind, apis, account, region, error, why, insight: of?.id, until: last,
            ...(kind === 'expected' ? { direction, from: first } : { by }),
          });
      await askAgain(queries);
      said?.(told);
      close();
    } catch (failure) {
      setFault(failure as ApiError);
    } finally {
      setBusy(false);
    }
  };
  const all = { value: '', label: 'All accounts' };
  const known = [...new Set([own, of?.account, ...accounts.map(one => one.id)])].filter((id): id is string => Boolean(id));
  const accountOptions = [all, ...known.map(id => ({ value: id, label: accounts.find(one => one.id === id)?.name ?? id, description: id }))];
  const lastOptions = [
    ...(kind === 'muted' ? [{ value: 'ever', label: 'Until somebody ends it' }] : []),
    ...Object.entries(LASTS).map(([value, [label]]) => ({ value, label })),
    { value: 'at', label: 'Until a moment' },
  ];
  const beginOptions = [...(of ? [{ value: 'start', label: `From its start, ${clock(of.start)}` }] : []), { value: 'now', label: 'From now on' }, { value: 'at', label: 'From a moment' }];
  const callers = of?.attributions.find(one => one.attribute === 'userIdentityArn')?.values.filter(one => one.value.startsWith('arn:')) ?? [];
  const option = (options: Array<{ value: string; label: string }>, value: string) => options.find(one => one.value === value) ?? null;
  return (
    <Modal
      visible
      size="medium"
      onDismiss={close}
      header={isOfOne ? (kind === 'real' ? 'This was real' : 'This was a false alarm') : kind === 'muted' ? 'Mute APIs' : 'Announce a change'}
      closeAriaLabel="Close"
      footer={<Box float="right"><SpaceBetween size="xs" direction="horizontal">
        <Button variant="link" onClick={close}>Cancel</Button>
        <Button variant="primary" loading={isBusy} onClick={() => void say()}>{isOfOne ? 'Say so' : kind === 'muted' ? 'Mute' : 'Announce'}</Button>
      </SpaceBetween></Box>}
    >
      <SpaceBetween size="m">
        <Box variant="p" color="text-body-secondary">{KINDS[kind].what} {isOfOne ? 'This can be taken back. What was told stays told.' : 'What is held back is found, kept and shown, and sent to nobody.'}</Box>
        {fault && <Refused error={fault} what="That cannot be said" />}
        {!isOfOne && (
          <SpaceBetween size="m">
            <FormField label="APIs" description="Services or APIs with blanks between; * stands for any letters." constraintText="As ec2/RunInstances, iam/Get* or sts." errorText={isTried && missing.apis && 'Which APIs?'}>
              <Input value={apis} onChange={({ detail }) => setApis(detail.value)} autoFocus={!of} />
            </FormField>
            <ColumnLayout columns={2}>
              <FormField label="Account"><Select selectedOption={option(accountOptions, account) ?? all} onChange={({ detail }) => setAccount(detail.selectedOption.value ?? '')} options={accountOptions} /></FormField>
              <FormField label={<>Region <i>– optional</i></>}><Input value={region} onChange={({ detail }) => setRegion(detail.value.trim())} placeholder="All Regions" /></FormField>
              <FormField label={<>Error code <i>– optional</i></>} stretch constraintText="Empty: calls, and whatever fails."><Input value={error} onChange={({ detail }) => setError(detail.value.trim())} placeholder="Any, or as AccessDenied" /></FormField>
              {kind === 'muted' && (
                <FormField label={<>Identity <i>– optional</i></>} stretch constraintText="Empty: whoever it was.">
                  <Autosuggest
                    value={by}
                    onChange={({ detail }) => setBy(detail.value)}
                    options={callers.map(one => ({ value: one.value, description: `${percent(one.share)} of the insight’s calls` }))}
                    placeholder="Any, or as *:role/scanner"
                    enteredTextLabel={text => `Use: ${text}`}
                    ariaLabel="Identity"
                  />
                </FormField>
              )}
              {kind === 'expected' && (
                <FormField label="Which way" stretch>
                  <SegmentedControl label="Which way" selectedId={direction} onChange={({ detail }) => setDirection(detail.selectedId)} options={[{ id: 'increase', text: 'Up' }, { id: 'decrease', text: 'Down' }, { id: 'both', text: 'Both' }]} />
                </FormField>
              )}
              {kind === 'expected' && (
                <FormField label="Begins" errorText={isTried && missing.from && 'As 2026-02-12 18:00, in UTC.'}>
                  <SpaceBetween size="xs">
                    <Select ariaLabel="When it begins" selectedOption={option(beginOptions, begins)} onChange={({ detail }) => setBegins(detail.selectedOption.value ?? 'now')} options={beginOptions} />
                    {begins === 'at' && <Input ariaLabel="From (UTC)" value={from} onChange={({ detail }) => setFrom(detail.value)} />}
                  </SpaceBetween>
                </FormField>
              )}
              <FormField label="Ends" errorText={isTried && missing.until && 'As 2026-02-12 18:00, in UTC.'} constraintText={last ? `At ${clock(last)} UTC` : undefined}>
                <SpaceBetween size="xs">
                  <Select ariaLabel="When it ends" selectedOption={option(lastOptions, lasts)} onChange={({ detail }) => setLasts(detail.selectedOption.value ?? '4h')} options={lastOptions} />
                  {lasts === 'at' && <Input ariaLabel="Until (UTC)" value={until} onChange={({ detail }) => setUntil(detail.value)} />}
                </SpaceBetween>
              </FormField>
            </ColumnLayout>
          </SpaceBetween>
        )}
        <FormField label={isOfOne ? <>Why <i>– optional</i></> : 'Why'} description="For whoever looks for what was not told." errorText={isTried && missing.why && 'Why? Somebody will want to know.'}>
          <Textarea value={why} rows={2} onChange={({ detail }) => setWhy(detail.value.replace(/\n/g, ' '))} placeholder={kind === 'expected' ? 'Load test, ticket 123' : ''} autoFocus={Boolean(of)} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
