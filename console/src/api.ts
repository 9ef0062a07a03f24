// How the server is asked: its own API, and AWS's operations by their own names.
import { QueryClient, useQuery, type UseQueryOptions } from '@tanstack/react-query';

/** Why something was not answered: the server's words, or that it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
  get isOffline() {
    return this.status === 0;
  }
  get isSignedOut() {
    return this.status === 401 || (this.status === 403 && this.code.startsWith('MissingAuthenticationToken'));
  }
}

// No page of another origin can send this header: see docs/SECURITY.md.
const OWN = { 'x-trailsight-request': '1' };

/** A refusal that says nothing more, as of a proxy. */
const nothingBut = ({ status, statusText }: Response) => `The service answered ${[status, statusText].filter(Boolean).join(' ')}.`;

/** A whole reply, of whatever kind. */
async function fetched(path: string, init: RequestInit): Promise<[Response, string]> {
  try {
    const reply = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init });
    return [reply, await reply.text()];
  } catch {
    throw new ApiError(0, 'Offline', 'The service cannot be reached.');
  }
}

async function ask(path: string, init: RequestInit, read: (text: string) => unknown = JSON.parse): Promise<unknown> {
  const [reply, text] = await fetched(path, init);
  let body: unknown = {};
  try {
    body = text ? (reply.ok ? read(text) : JSON.parse(text)) : {};
  } catch {
    if (reply.ok) throw new ApiError(reply.status, 'NotJson', 'The service answered something that is not JSON.');
  }
  if (!reply.ok) {
    const said = (body ?? {}) as { code?: string; message?: string; Message?: string; __type?: string };
    const code = said.code ?? said.__type?.split('#').pop() ?? `HTTP ${reply.status}`;
    throw new ApiError(reply.status, code, said.message || said.Message || text.slice(0, 300) || nothingBut(reply));
  }
  return body;
}

export type Parameters = Record<string, string | number | undefined | null>;

export function queryText(parameters: Parameters): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : '';
}

/** Makes something of an answer's text, where the browser's own reading would lose some of it. */
type Read<T> = (text: string) => T;

export const get = <T>(path: string, parameters: Parameters = {}, read?: Read<T>) =>
  ask(`/api/console/v1/${path}${queryText(parameters)}`, { headers: OWN }, read) as Promise<T>;

/** Hears what the service says as it comes, until it ends. By hand: the browser's own EventSource can send no header. */
export async function listen<T>(path: string, signal: AbortSignal, heard: (told: T) => void): Promise<void> {
  const reply = await fetch(`/api/console/v1/${path}`, { headers: OWN, credentials: 'same-origin', cache: 'no-store', signal });
  if (!reply.ok || !reply.body) throw new ApiError(reply.status, 'NotListening', 'The service does not tell what changes.');
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('\n');
      if (data) heard(JSON.parse(data) as T);
    }
  }
}

const change = <T>(method: string, path: string, parameters: Parameters, body?: object) =>
  ask(`/api/console/v1/${path}${queryText(parameters)}`, {
    method,
    headers: { ...OWN, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  }) as Promise<T>;

export const put = <T>(path: string, body: object) => change<T>('PUT', path, {}, body);
export const post = <T>(path: string, body?: object) => change<T>('POST', path, {}, body);
export const forget = <T>(path: string, parameters: Parameters) => change<T>('DELETE', path, parameters);

/** A request of Trailsight's own that changes something. */
export const own = <T>(path: string, body: object) =>
  ask(`/trailsight/v1/${path}`, { method: 'POST', headers: { ...OWN, 'content-type': 'application/json' }, body: JSON.stringify(body) }) as Promise<T>;

/** A file that the service hands out. */
export async function file(path: string): Promise<Blob> {
  const reply = await fetch(`/trailsight/v1/${path}`, { credentials: 'same-origin', cache: 'no-store', headers: OWN }).catch(() => undefined);
  if (!reply) throw new ApiError(0, 'Offline', 'The service cannot be reached.');
  if (!reply.ok) throw new ApiError(reply.status, `HTTP ${reply.status}`, ((await reply.json().catch(() => ({}))) as { message?: string }).message ?? nothingBut(reply));
  return reply.blob();
}

export const signIn = (accessKeyId: string, secretAccessKey: string) =>
  ask('/api/console/v1/session', {
    method: 'POST',
    headers: { ...OWN, 'content-type': 'application/json' },
    body: JSON.stringify({ accessKeyId, secretAccessKey }),
  });

export const signOut = () => ask('/api/console/v1/session', { method: 'DELETE', headers: OWN });

const TARGETS = { cloudtrail: 'CloudTrail_20131101', events: 'AWSEvents' } as const;

/** An operation of AWS's that speaks JSON, as an SDK would ask it. */
export const aws = <T>(service: keyof typeof TARGETS, operation: string, input: object = {}) =>
  ask('/', {
    method: 'POST',
    headers: { ...OWN, 'x-amz-target': `${TARGETS[service]}.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(input),
  }) as Promise<T>;

/** An operation of SNS, which answers in XML. */
export async function sns(action: string, input: Record<string, string> = {}): Promise<Document> {
  const [reply, text] = await fetched('/', {
    method: 'POST',
    headers: { ...OWN, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ Action: action, Version: '2010-03-31', ...input }),
  });
  const xml = new DOMParser().parseFromString(text, 'text/xml');
  if (!reply.ok) {
    const said = (name: string) => xml.getElementsByTagName(name)[0]?.textContent ?? '';
    throw new ApiError(reply.status, said('Code') || `HTTP ${reply.status}`, said('Message') || nothingBut(reply));
  }
  return xml;
}

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      // What is refused is refused again; a server that is away may come back.
      retry: (count, error) => error instanceof ApiError && error.isOffline && count < 1,
      retryDelay: 800,
      // A page is as much offline as the machine: the service is often on the same one.
      networkMode: 'always',
    },
  },
});

export function useGet<T>(
  path: string,
  parameters: Parameters = {},
  { read, ...options }: Partial<UseQueryOptions<T, ApiError>> & { read?: Read<T> } = {},
) {
  return useQuery<T, ApiError>({
    queryKey: [path, parameters],
    queryFn: () => get<T>(path, parameters, read),
    ...options,
  });
}
