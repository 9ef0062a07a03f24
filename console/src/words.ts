// Numbers and times as they are shown. Sentences are the server's.

const whole = new Intl.NumberFormat('en-US');

/** `12,345`. */
export const count = (number: number) => whole.format(Math.round(number));

/** Three digits that matter: `52.6`, `0.04`, `12,300`. */
export function figure(number: number): string {
  if (!Number.isFinite(number)) return '∞';
  if (number === 0) return '0';
  if (Math.abs(number) >= 1000) return whole.format(Number(number.toPrecision(3)));
  if (Math.abs(number) < 0.001) return '<0.001';
  return String(Number(number.toPrecision(Math.abs(number) < 0.1 ? 2 : 3)));
}

/** `96%`, `3.7%`, as the server's sentences have it. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return '0%';
  if (value < 0.1) return '<0.1%';
  if (value < 9.95) return `${Math.round(value * 10) / 10}%`;
  return `${value < 100 ? Math.min(Math.round(value), 99) : 100}%`;
}

export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** `45 min`, `3 h 20 min`, `2 d 4 h`. */
export function duration(minutes: number): string {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, Math.round(minutes) % 60];
  if (days > 0) return hours ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return rest ? `${hours} h ${rest} min` : `${hours} h`;
  return `${rest} min`;
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

/** `2026-02-12 14:03`, UTC. */
export const clock = (seconds: number) => iso(seconds).slice(0, 16).replace('T', ' ');
/** `02-12 14:03`, UTC. */
export const shortClock = (seconds: number) => clock(seconds).slice(5);
/** The same moment where the reader is, and as ISO 8601: for whoever hovers. */
export function localClock(seconds: number): string {
  const local = new Date(seconds * 1000).toLocaleString(undefined, {
    weekday: 'short', year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
  });
  return `${iso(seconds).slice(0, 19)}Z — ${local} for you`;
}

/** `4 min ago`, measured by the server's clock. */
export function ago(seconds: number, now: number): string {
  const passed = Math.max(0, now - seconds);
  if (passed < 60) return 'just now';
  return `${duration(Math.floor(passed / 60))} ago`;
}

/** `ec2` for `ec2.amazonaws.com`. */
export const service = (source: string) => source.replace(/\.amazonaws\.com$/, '');

/** `0 to 14`, or the one number if both ends are the same. */
export const range = (low: number, high: number) => (figure(low) === figure(high) ? figure(low) : `${figure(low)} to ${figure(high)}`);

/** `412 ms`, `3.2 s`, `2 min`. */
export function millis(number: number): string {
  if (number < 1000) return `${Math.round(number)} ms`;
  if (number < 60_000) return `${figure(number / 1000)} s`;
  return duration(number / 60_000);
}

/** `48 MB`, as disks count. */
export function bytes(number: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const at = Math.min(Math.floor(Math.log10(Math.max(number, 1)) / 3), units.length - 1);
  return `${figure(number / 1000 ** at)} ${units[at]}`;
}
