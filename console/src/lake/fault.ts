// Where in a statement something is wrong, by what the service says of it.

export interface Fault { message: string; from: number; to: number }

/** `… at Line: 2, Column: 8`, or a name in `quotes` that stands in the statement. Where nothing is said, it is not known. */
export function faultIn(statement: string, message: string): Fault | null {
  const place = /Line: (\d+), Column: (\d+)/.exec(message);
  if (place) {
    const lines = statement.split('\n');
    const line = Number(place[1]) - 1;
    if (line >= lines.length) return { message, from: statement.length, to: statement.length };
    const from = Math.min(lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + Number(place[2]) - 1, statement.length);
    return { message, from, to: from + (/^\w+|^./.exec(statement.slice(from))?.[0].length ?? 0) };
  }
  for (const [, name] of message.matchAll(/[`'"]([\w$.-]+)[`'"]/g)) {
    // As a word of its own, in any case.
    const found = new RegExp(`(?<![\\w$])${name!.replace(/[$.\-]/g, '\\$&')}(?![\\w$])`, 'i').exec(statement);
    if (found) return { message, from: found.index, to: found.index + found[0].length };
  }
  return null;
}
