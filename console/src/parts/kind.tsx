// The kinds of what somebody said of insights: their names, and what each does.
import Badge from '@cloudscape-design/components/badge';
import type { Saying } from '../api-types';

export const KINDS: Record<Saying['kind'], { name: string; short: string; what: string }> = {
  muted: { name: 'Muted', short: 'Mute this API…', what: 'Nothing is told of these APIs from now on, or of what an identity does with them. They are counted, learned and shown all the same.' },
  expected: { name: 'Expected change', short: 'Expected until…', what: 'A change of these APIs is learned and not alarmed, from one moment to another: a deployment, a load test, a maintenance.' },
  falseAlarm: { name: 'False alarm', short: 'A false alarm', what: 'It should not have been told. The like of it becomes usual on this API; and if there are more false alarms than were promised, more is asked for in the whole account.' },
  real: { name: 'Real', short: 'Real', what: 'It was worth telling. Nothing is learned of it: the next one like it is as unusual as this one.' },
};
const COLOURS = { muted: 'grey', expected: 'blue', falseAlarm: 'severity-medium', real: 'green' } as const;

export function Kind({ kind }: { kind: Saying['kind'] }) {
  return <Badge color={COLOURS[kind]}>{KINDS[kind].name}</Badge>;
}
