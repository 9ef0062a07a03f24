// My own question, in SQL, over every event.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { ApiError, aws, put, useGet } from '../api';
import type { LakeSchema, SavedQueries } from '../api-types';
import { goesOn, type Run, useRun } from '../lake/asked';
import { Data } from '../lake/data';
import type { EditorHandle } from '../lake/editor';
import { type Fault, faultIn } from '../lake/fault';
import { Runs, Samples, Saved } from '../lake/lists';
import { RunShown } from '../lake/results';
import { SAMPLES } from '../lake/samples';
import { useFocusBack } from '../parts/focus';
import { Failed, Loading, Nothing } from '../parts/states';
import { To } from '../parts/bits';
import { oneOf, useUrlState } from '../parts/url';

const TABS = ['editor', 'runs', 'saved', 'samples'] as const;
const Editor = lazy(() => import('../lake/editor'));

/** Letters of a statement that an address holds while it is being written; what was run is found by its id. */
const IN_ADDRESS = 6000;

export default function Lake() {
  const schema = useGet<LakeSchema>('lake/schema', {}, { staleTime: 300_000 });
  const [state, set] = useUrlState();
  const header = <Header variant="h1" description="Every event in SQL, as CloudTrail Lake has it.">Lake</Header>;
  if (!schema.data) {
    return <ContentLayout header={header}>{schema.error ? <Failed error={schema.error} what="the lake" retry={() => void schema.refetch()} /> : <Loading what="the lake" />}</ContentLayout>;
  }
  if (!schema.data.isThere) {
    return (
      <ContentLayout header={header}>
        <Nothing title="There is no lake here">The service was started with <Box variant="code">--without-lake</Box>: it counts and tells, and keeps no event. Started without that, it fills the lake from the log files of the last 91 days.</Nothing>
      </ContentLayout>
    );
  }
  const open = (statement: string) => set({ tab: undefined, sql: statement, run: undefined, page: undefined, view: undefined, y: undefined }, true);
  const openRun = (run: Run) => set({ tab: undefined, sql: undefined, run: run.QueryId, page: undefined, view: undefined, y: undefined }, true);
  return (
    <ContentLayout header={header}>
      <Tabs
        activeTabId={oneOf(TABS, state.tab)}
        onChange={({ detail }) => set({ tab: detail.activeTabId === 'editor' ? undefined : detail.activeTabId }, true)}
        tabs={[
          { id: 'editor', label: 'Editor', content: <Ask schema={schema.data} /> },
          { id: 'runs', label: 'Runs', content: <Runs schema={schema.data} open={openRun} /> },
          { id: 'saved', label: 'Saved queries', content: <Saved open={open} /> },
          { id: 'samples', label: 'Sample queries', content: <Samples open={open} /> },
        ]}
      />
    </ContentLayout>
  );
}

function Ask({ schema }: { schema: LakeSchema }) {
  const [state, set] = useUrlState();
  const run = useRun(state.run);
  const queries = useQueryClient();
  const [draft, setDraft] = useState(state.sql ?? '');
  const [refused, setRefused] = useState<{ message: string; fault: Fault | null } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const [lost, setLost] = useState<ApiError | null>(null);
  const editor = useRef<EditorHandle>(null);
  // What the address says because it was typed here is no news.
  const said = useRef(state.sql);
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    if (state.sql === said.current) return;
    said.current = state.sql;
    if (state.sql !== undefined) setDraft(state.sql);
    setRefused(null);
  }, [state.sql]);
  // A link to a run has no statement in it.
  const statement = run.data?.QueryString;
  useEffect(() => {
    if (statement !== undefined && state.sql === undefined) setDraft(statement);
  }, [statement, state.sql, state.run]);
  useEffect(() => () => clearTimeout(pending.current), []);

  const write = (value: string) => {
    setDraft(value);
    setRefused(null);
    clearTimeout(pending.current);
    pending.current = setTimeout(() => {
      said.current = value && value.length <= IN_ADDRESS ? value : undefined;
      set({ sql: said.current });
    }, 400);
  };
  const start = async () => {
    if (!draft.trim() || isBusy) return;
    clearTimeout(pending.current);
    setBusy(true);
    setRefused(null);
    setLost(null);
    try {
      const { QueryId } = await aws<{ QueryId: string }>('cloudtrail', 'StartQuery', { QueryStatement: draft });
      said.current = undefined;
      set({ run: QueryId, sql: undefined, page: undefined, y: undefined }, true);
      void queries.invalidateQueries({ queryKey: ['cloudtrail', 'ListQueries'] });
    } catch (error) {
      const fault = error as ApiError;
      if (fault.isOffline) setLost(fault);
      else setRefused({ message: fault.message, fault: faultIn(draft, fault.message) });
    } finally {
      setBusy(false);
    }
  };
  const cancel = async () => {
    try {
      await aws('cloudtrail', 'CancelQuery', { QueryId: state.run });
    } catch (error) {
      // Whoever is too late sees that it has ended.
      if ((error as ApiError).isOffline) setLost(error as ApiError);
    }
    void run.refetch();
  };
  const layOut = async () => {
    try {
      const { formatted } = await import('../lake/format');
      const laid = formatted(draft, schema.functions);
      if (laid !== null) write(laid);
      else setRefused({ message: 'It is no whole statement yet, so it was left as it is.', fault: null });
    } catch {
      setRefused({ message: 'What lays statements out could not be had from the service, so it was left as it is.', fault: null });
    }
  };
  const failed = run.data && statement === draft && run.data.ErrorMessage ? faultIn(draft, run.data.ErrorMessage) : null;
  const fault = refused ? refused.fault : failed;
  const isRunning = goesOn(run.data?.QueryStatus);
  const insert = (text: string) => editor.current?.insert(text);
  return (
    <div className="lake">
      <div className="lake-ask">
        <SpaceBetween size="m">
          <div className="lake-bar">
            <span className="soft"><kbd>Ctrl</kbd> <kbd>Enter</kbd> runs it, <kbd>Ctrl</kbd> <kbd>Space</kbd> offers what may be written.</span>
            <SpaceBetween size="xs" direction="horizontal">
              <Button disabled={!draft.trim()} onClick={() => void layOut()}>Format</Button>
              <Button disabled={!draft.trim()} onClick={() => setSaving(true)}>Save</Button>
              <Button variant="primary" loading={isBusy || isRunning} disabled={!draft.trim()} onClick={() => void start()}>Run</Button>
            </SpaceBetween>
          </div>
          <Suspense fallback={<Loading what="the editor" />}>
            <Editor value={draft} schema={schema} fault={fault} change={write} run={() => void start()} handle={editor} />
          </Suspense>
          {lost && <Failed error={lost} what="the run" retry={() => void start()} />}
          {refused && (
            <Alert type="error" header="The statement is not understood" action={refused.fault && <Button onClick={() => editor.current?.show(refused.fault!.from, refused.fault!.to)}>Show the place</Button>}>
              {refused.message}
            </Alert>
          )}
          {!state.run && !draft && (
            <Box color="text-body-secondary">
              Begin with a question:{' '}
              {SAMPLES.slice(0, 4).map((sample, index) => <span key={sample.name}>{index > 0 && ' · '}<Button variant="inline-link" className="statement-link" onClick={() => write(sample.statement)}>{sample.name}</Button></span>)}; or <To href="/lake?tab=samples">all sample queries</To>.
            </Box>
          )}
          {state.run && (run.data ? (
            <RunShown run={run.data} cancel={() => void cancel()} error={run.error} show={failed && (() => editor.current?.show(failed.from, failed.to))} />
          ) : run.error ? (
            run.error.code.startsWith('QueryId') ? <Nothing title="There is no such run">It may be older than seven days: its statement and its result are forgotten then.</Nothing> : <Failed error={run.error} what="the run" retry={() => void run.refetch()} />
          ) : <Loading what="the run" />)}
        </SpaceBetween>
      </div>
      <aside className="lake-data" aria-label="What may be named"><Data schema={schema} insert={insert} /></aside>
      {isSaving && <Save statement={draft} close={() => setSaving(false)} />}
    </div>
  );
}

function Save({ statement, close }: { statement: string; close: () => void }) {
  useFocusBack();
  const [name, setName] = useState('');
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const queries = useQueryClient();
  const saved = useGet<SavedQueries>('lake/saved');
  const isThere = saved.data?.queries.some(one => one.name === name.trim());
  const save = async () => {
    setBusy(true);
    setError('');
    try {
      queries.setQueryData(['lake/saved', {}], await put<SavedQueries>('lake/saved', { name, statement }));
      close();
    } catch (fault) {
      setError((fault as ApiError).message);
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      onDismiss={close}
      header="Save the statement"
      closeAriaLabel="Close"
      footer={<Box float="right"><SpaceBetween size="xs" direction="horizontal"><Button variant="link" onClick={close}>Cancel</Button><Button variant="primary" loading={isBusy} disabled={!name.trim()} onClick={() => void save()}>{isThere ? 'Replace' : 'Save'}</Button></SpaceBetween></Box>}
    >
      <form onSubmit={event => { event.preventDefault(); if (name.trim()) void save(); }}>
        <FormField label="Name" errorText={error || undefined} description="Everybody who comes here sees it." constraintText={isThere ? 'There is one of this name, which is replaced.' : undefined}>
          <Input value={name} onChange={({ detail }) => setName(detail.value)} autoFocus placeholder="Failed sign-ins by address" />
        </FormField>
      </form>
    </Modal>
  );
}
