// A statement laid out in lines, in a chunk of its own: only whoever asks for it has it. Nothing but blanks is changed.
import { formatDialect, trino } from 'sql-formatter';

/** Ids of event data stores stand bare in a statement: no other dialect has them, so they are names while it is laid out. */
const ID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

/** `null`: it is no statement that can be laid out without changing it. */
export function formatted(statement: string, functions: string[]): string | null {
  const { reservedFunctionNames, ...options } = trino.tokenizerOptions;
  const dialect = { ...trino, tokenizerOptions: { ...options, reservedFunctionNames: [...reservedFunctionNames, ...functions] } };
  const ids: string[] = [];
  const named = statement.replace(ID, id => `bare_id_${ids.push(id) - 1}_`);
  try {
    const laid = formatDialect(named, { dialect, tabWidth: 2, keywordCase: 'preserve', functionCase: 'preserve', dataTypeCase: 'preserve', expressionWidth: 80 })
      .replace(/\bbare_id_(\d+)_/g, (_, number: string) => ids[Number(number)]!);
    return bare(laid) === bare(statement) ? laid : null;
  } catch {
    return null;
  }
}

const bare = (text: string) => text.replace(/\s+/g, '');
