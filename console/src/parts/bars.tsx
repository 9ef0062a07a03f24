// Insights a day: bars, and the same in words for whoever cannot see them.
import type { Overview } from '../api-types';
import { clock, plural } from '../words';

export function Bars({ days }: { days: Overview['perDay'] }) {
  const most = Math.max(...days.map(day => day.callRate + day.errorRate), 1);
  const total = days.reduce((sum, day) => sum + day.callRate + day.errorRate, 0);
  const busiest = days.reduce((best, day) => (day.callRate + day.errorRate > best.callRate + best.errorRate ? day : best));
  const date = (at: number) => clock(at).slice(0, 10);
  return (
    <>
      <div className="bars" role="img" aria-label={total === 0 ? 'No insight in 30 days' : `${plural(total, 'insight')} in 30 days; most on ${date(busiest.day)}: ${busiest.callRate + busiest.errorRate}`}>
        {days.map(day => (
          <div className="bar" key={day.day} title={`${date(day.day)}: ${day.callRate} call rate, ${day.errorRate} error rate`}>
            <span className="bar-calls" style={{ height: `${(100 * day.callRate) / most}%` }} />
            <span className="bar-errors" style={{ height: `${(100 * day.errorRate) / most}%` }} />
          </div>
        ))}
      </div>
      <div className="bars-axis" aria-hidden="true">
        <span>{date(days[0]!.day)}</span><span>{total === 0 ? 'none' : `most: ${most} a day`}</span><span>{date(days.at(-1)!.day)}</span>
      </div>
      <div className="legend"><span><i className="key key-calls" />Call rate</span><span><i className="key key-errors" />Error rate</span></div>
    </>
  );
}
