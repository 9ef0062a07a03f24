// What a page shows while it has nothing else to show: loading, empty, an error, a server that is away.
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import type { ReactNode } from 'react';
import type { ApiError } from '../api';

export function Loading({ what }: { what: string }) {
  return (
    <div className="state" role="status">
      <SpaceBetween size="xs" direction="horizontal" alignItems="center">
        <Spinner />
        <Box variant="span" color="text-status-inactive">Loading {what}…</Box>
      </SpaceBetween>
    </div>
  );
}

export function Failed({ error, retry, what }: { error: ApiError; retry?: () => void; what: string }) {
  const isOffline = error.isOffline;
  return (
    <Alert
      type={isOffline ? 'warning' : 'error'}
      header={isOffline ? 'The service cannot be reached' : `Cannot show ${what}`}
      action={retry && <Button onClick={retry}>Try again</Button>}
    >
      {isOffline
        ? 'What you see may be old. It is asked again every few seconds, and this goes away by itself.'
        : `${error.message} (${error.code})`}
    </Alert>
  );
}

/** What is shown could not be asked for again. That the service is away is said above every page. */
export function stale(error: ApiError | null) {
  return error && !error.isOffline ? <Alert type="warning" header="What you see may be old">{`${error.message} (${error.code})`}</Alert> : null;
}

/** Something that somebody wanted to be done, and was not. `what`: as in "It was not ended". */
export function Refused({ error, what }: { error: ApiError; what: string }) {
  return (
    <Alert type={error.isOffline ? 'warning' : 'error'} header={error.isOffline ? 'The service cannot be reached' : what}>
      {error.message}
    </Alert>
  );
}

export function Nothing({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: 'l', horizontal: 'm' }}>
      <SpaceBetween size="xs">
        <Box variant="strong" color="inherit">{title}</Box>
        {children && <Box variant="p" color="text-body-secondary">{children}</Box>}
        {action}
      </SpaceBetween>
    </Box>
  );
}
