// What may be written next: columns with what is nested in them, event data stores, functions, the words of SQL.
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import type { Column, LakeSchema } from '../api-types';

const WORDS = [
  'SELECT', 'DISTINCT', 'FROM', 'WHERE', 'AND', 'OR', 'NOT', 'IN', 'LIKE', 'ESCAPE', 'BETWEEN', 'IS', 'NULL', 'TRUE', 'FALSE', 'EXISTS', 'CASE', 'WHEN', 'THEN', 'ELSE', 'END',
  'GROUP BY', 'GROUPING SETS', 'HAVING', 'ORDER BY', 'ASC', 'DESC', 'NULLS LAST', 'LIMIT', 'OFFSET', 'AS', 'ON', 'JOIN', 'LEFT JOIN', 'CROSS JOIN', 'UNNEST', 'UNION ALL', 'WITH', 'OVER', 'PARTITION BY', 'CAST', 'INTERVAL', 'TIMESTAMP', 'DATE', 'VARCHAR', 'BIGINT', 'DOUBLE',
];

/** The stores behind FROM and JOIN, and what each of them is called there. */
export function storesIn(text: string, schema: LakeSchema): { kinds: Set<LakeSchema['stores'][number]['kind']>; aliases: Set<string> } {
  const [kinds, aliases] = [new Set<LakeSchema['stores'][number]['kind']>(), new Set<string>()];
  for (const [, quoted, alias] of text.matchAll(/\b(?:from|join)\s+("[^"]+"|[\w$-]+)(?:\s+(?:as\s+)?([a-z_]\w*))?/gi)) {
    const name = quoted!.replaceAll('"', '');
    const store = schema.stores.find(one => one.name.toLowerCase() === name.toLowerCase() || one.id === name);
    if (store) kinds.add(store.kind);
    aliases.add(name.toLowerCase());
    if (alias && !WORDS.some(word => word.split(' ')[0] === alias.toUpperCase())) aliases.add(alias.toLowerCase());
  }
  return { kinds, aliases };
}

const columnsOf = (kinds: Set<string>, schema: LakeSchema): Column[] => {
  // A store of events answers what only Insights events have, too: those come last.
  const isAlone = (kind: string) => kinds.size === 1 && kinds.has(kind);
  const all = isAlone('insights') ? schema.insights
    : isAlone('activity') ? schema.activity
      : [...schema.events, ...schema.insights, ...(kinds.has('activity') ? schema.activity : [])];
  return all.filter((column, index) => all.findIndex(other => other.name === column.name) === index);
};

/** What is nested in a path, as far as it is one. */
function nested(columns: Column[], path: string[]): Column[] {
  let within = columns;
  for (const name of path) within = within.find(column => column.name.toLowerCase() === name.toLowerCase())?.fields ?? [];
  return within;
}

/** Writes a call, and puts the cursor so many letters before its end. */
const inBrackets = (call: string, behind: number) => (view: EditorView, _: Completion, from: number, to: number) =>
  view.dispatch({ changes: { from, to, insert: call }, selection: { anchor: from + call.length - behind }, userEvent: 'input.complete' });

export function complete(context: CompletionContext, schema: LakeSchema): CompletionResult | null {
  const written = context.matchBefore(/[\w$.-]*/);
  if (!written || (written.from === written.to && !context.explicit)) return null;
  const before = context.state.doc.sliceString(0, written.from);
  // Within a text or a comment nothing is named.
  if ((before.replace(/--.*$/gm, '').match(/'/g)?.length ?? 0) % 2 === 1 || /--[^\n]*$/.test(before)) return null;
  if (/\b(from|join)\s+$/i.test(before)) {
    return {
      from: written.from,
      options: [
        ...schema.stores.map(store => ({ label: store.name, type: 'type', detail: store.kind, info: store.arn })),
        { label: 'cloudtrail_logs', type: 'function', detail: "('s3://bucket/prefix')", info: 'Log files of a bucket that is held or linked, as they lie', apply: inBrackets("cloudtrail_logs('s3://')", 2) },
      ],
      validFor: /^[\w$-]*$/,
    };
  }
  const { kinds, aliases } = storesIn(context.state.doc.toString(), schema);
  const columns = columnsOf(kinds, schema);
  const path = written.text.split('.').slice(0, -1);
  if (path[0] && aliases.has(path[0].toLowerCase())) path.shift();
  const options: Completion[] = nested(columns, path).map((column, index) => ({
    label: column.name, type: 'property', detail: column.type, boost: 50 - Math.min(index, 40) / 4,
  }));
  const from = written.from + written.text.lastIndexOf('.') + 1;
  if (!written.text.includes('.')) {
    options.push(
      ...schema.functions.map(name => ({
        label: name, type: 'function', detail: '( )', boost: 5, apply: inBrackets(`${name}()`, 1),
      })),
      ...WORDS.map(label => ({ label, type: 'keyword', boost: -10 })),
    );
  }
  return options.length ? { from, options, validFor: /^[\w$]*$/ } : null;
}
