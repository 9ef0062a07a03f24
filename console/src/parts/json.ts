// JSON as it was written: laid out in lines and taken apart with every digit and every key of it. What the browser reads it does not give back:
// whole numbers above 2^53 become others, and of a key that is there twice one is left.

/** Texts, signs, and what stands between them. */
const TOKENS = /"[^"\\]*(?:\\[^][^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

const opens = (token: string | undefined) => token === '{' || token === '[';
const closes = (token: string) => token === '}' || token === ']';

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A member to a line; only blanks between them are changed. What is no JSON stays as it is. */
export function laidOut(text: string): string {
  if (!isJson(text)) return text;
  let [lines, depth, before] = ['', 0, ''];
  for (const token of text.match(TOKENS) ?? []) {
    if (closes(token)) depth -= 1;
    if (closes(token) ? !opens(before) : opens(before) || before === ',') lines += `\n${'  '.repeat(depth)}`;
    lines += token === ':' ? ': ' : token;
    if (opens(token)) depth += 1;
    before = token;
  }
  return lines;
}

/** The text of each value at a path, in which `*` is any place of a list: `events.*.record`. Of what is JSON. */
export function textsAt(text: string, path: string): string[] {
  const found: string[] = [];
  const within: Array<{ isList: boolean; key: string | null }> = [];
  let begun: { depth: number; from: number } | null = null;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    const last = within.at(-1);
    if (token === ':') continue;
    if (token === ',') {
      if (last) last.key = null;
    } else if (closes(token)) {
      within.pop();
      if (begun?.depth === within.length) {
        found.push(text.slice(begun.from, index + 1));
        begun = null;
      }
    } else if (last && !last.isList && last.key === null) {
      last.key = JSON.parse(token) as string;
    } else {
      const isHere = !begun && within.map(one => (one.isList ? '*' : one.key)).join('.') === path;
      if (isHere && !opens(token)) found.push(token);
      if (isHere && opens(token)) begun = { depth: within.length, from: index };
      if (opens(token)) within.push({ isList: token === '[', key: null });
    }
  }
  return found;
}
