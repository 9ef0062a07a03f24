// APIs by hours. What was called is a picture; insights on it are links, for the mouse and the keyboard alike; a table says the same.
import Box from '@cloudscape-design/components/box';
import Table from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import { Link } from 'wouter';
import type { Heatmap } from '../api-types';
import { clock, count, service, shortClock } from '../words';
import { Small, To } from './bits';
import { seriesLink } from './links';

/** Days that begin behind this share of the width have no room for their names. */
const NAMED = 0.93;

const weekday = (at: number) => new Date(at * 1000).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });

export function HeatmapView({ data, asTable, setTable }: { data: Heatmap; asTable: boolean; setTable: (on: boolean) => void }) {
  const cells = data.rows[0]?.counts.length ?? 0;
  const first = Math.ceil(data.from / 86_400) * 86_400;
  const midnights = Array.from({ length: 40 }, (_, day) => first + day * 86_400).filter(midnight => midnight < data.from + NAMED * cells * data.stepSeconds);
  const at = (cell: number) => data.from + cell * data.stepSeconds;
  return (
    <>
      <Box float="right" margin={{ bottom: 'xs' }}>
        <Toggle checked={asTable} onChange={({ detail }) => setTable(detail.checked)}>As a table</Toggle>
      </Box>
      <Box variant="small" color="text-body-secondary" padding={{ top: 'xxs' }}>
        {data.rows.length} of {count(data.series)} series that had a call
      </Box>
      <div style={{ clear: 'both' }} />
      {asTable ? (
        <Table
          variant="embedded"
          contentDensity="compact"
          wrapLines
          items={data.rows}
          columnDefinitions={[
            { id: 'api', header: 'API', isRowHeader: true, cell: row => <><To href={seriesLink(row)}>{row.title}</To><Small>{service(row.source)} · {row.region} · {row.account}</Small></> },
            { id: 'calls', header: 'Calls', cell: row => <div className="num">{count(row.counts.reduce((sum, calls) => sum + calls, 0))}</div> },
            { id: 'busiest', header: 'Busiest hour (UTC)', cell: row => {
              const most = Math.max(...row.counts);
              return most > 0 ? `${shortClock(at(row.counts.indexOf(most)))} (${count(most)})` : '–';
            } },
            { id: 'insights', header: 'Insights', cell: row => row.marks.length === 0 ? '–' : row.marks.map(mark => (
              <div key={mark.id}><To href={`/insights/${mark.id}`}>{shortClock(at(mark.first))}, {mark.direction}, score {mark.score}</To></div>
            )) },
          ]}
        />
      ) : (
        <div className="heat" role="group" aria-label="Activity of APIs by hour; insights are links" tabIndex={0}>
          <div className="heat-grid">
            {data.rows.map(row => {
              const most = Math.max(...row.counts, 1);
              return [
                <div key={`${row.account}${row.region}${row.source}${row.title}n`} className="heat-name" title={`${row.title}: ${row.source}, ${row.region}, ${row.account}`}>
                  <To href={seriesLink(row)}>{row.title}</To> <span className="soft">{service(row.source)}</span>
                </div>,
                <div key={`${row.account}${row.region}${row.source}${row.title}r`} className="heat-row">
                  <svg width="100%" height="22" preserveAspectRatio="none" viewBox={`0 0 ${cells} 22`} aria-hidden="true">
                    <rect width={cells} height="22" style={{ fill: 'var(--ts-heat-empty)' }} />
                    {row.counts.map((calls, cell) => calls > 0 && (
                      <rect key={cell} x={cell} width="1.02" height="22" style={{ fill: `rgba(var(--ts-heat), ${(0.12 + 0.5 * Math.sqrt(calls / most)).toFixed(2)})` }}>
                        <title>{`${row.title}, ${clock(at(cell))} UTC: ${count(calls)} calls`}</title>
                      </rect>
                    ))}
                  </svg>
                  {row.marks.map(mark => (
                    <Link
                      key={mark.id}
                      href={`/insights/${mark.id}`}
                      className="heat-mark"
                      style={{ left: `${(50 * (mark.first + Math.min(mark.last, cells - 1) + 1)) / cells}%`, ['--cells' as string]: `${(100 * (Math.min(mark.last, cells - 1) - mark.first + 1)) / cells}cqw` }}
                      title={`${row.title}: ${mark.direction} from ${clock(at(mark.first))} UTC, score ${mark.score}`}
                      aria-label={`${row.title}, ${mark.direction} at ${clock(at(mark.first))} UTC, score ${mark.score}`}
                    >
                      <span className={`${mark.level} ${mark.direction}`} />
                    </Link>
                  ))}
                </div>,
              ];
            })}
            <div />
            <div className="heat-axis" aria-hidden="true">
              {midnights.map(midnight => <span key={midnight} style={{ left: `${(100 * (midnight - data.from)) / (cells * data.stepSeconds)}%` }}>{weekday(midnight)}</span>)}
            </div>
          </div>
        </div>
      )}
    </>
  );
}
