// Files that the page makes.

/** Hands the reader a file. */
export function download(name: string, type: string, text: string | Blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(text instanceof Blob ? text : new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Rows with their titles above, as RFC 4180 has it. */
export function csv(titles: string[], rows: unknown[][]): string {
  return [titles, ...rows].map(row => row.map(cell).join(',')).join('\n') + '\n';
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  // A spreadsheet takes what begins so for a formula, and who called chose the name.
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
