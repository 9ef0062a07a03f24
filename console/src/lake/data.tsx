// What statements may name: stores, columns with what is nested in them. A click writes it into the editor.
import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TreeView from '@cloudscape-design/components/tree-view';
import { useMemo, useState } from 'react';
import type { Column, LakeSchema } from '../api-types';

interface Node { path: string; column: Column }

const children = (columns: Column[], path: string): Node[] => columns.map(column => ({ path: path ? `${path}.${column.name}` : column.name, column }));

function found(nodes: Node[], words: string): Node[] {
  return nodes.flatMap(node => [
    ...(node.path.toLowerCase().includes(words) ? [{ path: node.path, column: { ...node.column, fields: [] } }] : []),
    ...found(children(node.column.fields, node.path), words),
  ]);
}

export function Data({ schema, insert }: { schema: LakeSchema; insert: (text: string) => void }) {
  const [kind, setKind] = useState<'events' | 'insights' | 'activity'>('events');
  const [words, setWords] = useState('');
  const [open, setOpen] = useState<string[]>([]);
  const nodes = useMemo(() => children(schema[kind], ''), [schema, kind]);
  const shown = useMemo(() => (words.trim() ? found(nodes, words.trim().toLowerCase()) : nodes), [nodes, words]);
  return (
    <SpaceBetween size="s">
      <div>
        <Box variant="awsui-key-label">Event data stores</Box>
        <ul className="plain">
          {schema.stores.map(store => (
            <li key={store.id}>
              <button type="button" className="name" title={`${store.arn}: keeps ${store.kind} for ${store.retentionDays} days`} onClick={() => insert(/^[a-z_]\w*$/i.test(store.name) ? store.name : `"${store.name}"`)}>{store.name}</button>{' '}
              <span className="soft">{store.kind}, {store.retentionDays} days{store.status === 'ENABLED' ? '' : `, ${store.status.toLowerCase().replaceAll('_', ' ')}`}</span>
            </li>
          ))}
        </ul>
      </div>
      <div>
        <Box variant="awsui-key-label">Columns</Box>
        <SpaceBetween size="xs">
          <SegmentedControl label="Columns of" selectedId={kind} onChange={({ detail }) => setKind(detail.selectedId as typeof kind)} options={[{ id: 'events', text: 'Events' }, { id: 'insights', text: 'Insights' }, { id: 'activity', text: 'Activity' }]} />
          <Input type="search" value={words} onChange={({ detail }) => setWords(detail.value)} placeholder="Find a column" ariaLabel="Find a column" clearAriaLabel="Clear" />
          <div className="columns-tree">
            {shown.length === 0 && <span className="soft">None is called so.</span>}
            <TreeView<Node>
              ariaLabel="Columns"
              items={shown}
              getItemId={node => node.path}
              getItemChildren={node => (node.column.fields.length ? children(node.column.fields, node.path) : undefined)}
              expandedItems={open}
              onItemToggle={({ detail }) => setOpen(now => (detail.expanded ? [...now, detail.item.path] : now.filter(path => path !== detail.item.path)))}
              renderItem={node => ({
                announcementLabel: node.path,
                content: (
                  <span className="column-line">
                    <button type="button" className="name" title={`Write ${node.path}`} onClick={() => insert(node.path)}>{words.trim() ? node.path : node.column.name}</button>{' '}
                    <span className="soft">{node.column.type.replace('map(varchar, varchar)', 'map')}</span>
                  </span>
                ),
              })}
              i18nStrings={{ expandButtonLabel: node => `Open ${node.path}`, collapseButtonLabel: node => `Close ${node.path}` }}
            />
          </div>
        </SpaceBetween>
      </div>
    </SpaceBetween>
  );
}
