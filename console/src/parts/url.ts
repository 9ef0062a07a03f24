// The state of a page is its address: whatever is set is in the query string, so that a link shows the same to somebody else.
import { useCallback, useMemo } from 'react';
import { useLocation } from 'wouter';
// As it stands: wouter's own has decoded it once, and what is behind a % would be decoded twice.
import { useSearch } from 'wouter/use-browser-location';

export type State = Record<string, string>;

/** The query string as a state; setting a value to '' takes it out. A step through the history only where it is worth one. */
export function useUrlState(): [State, (change: Record<string, string | undefined>, keep?: boolean) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const state = useMemo(() => Object.fromEntries(new URLSearchParams(search)), [search]);
  const set = useCallback(
    (change: Record<string, string | undefined>, keep = false) => {
      // As it is now, and not as it was when this was made.
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(change)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      const text = next.toString();
      navigate(text ? `${path}?${text}` : path, { replace: !keep });
    },
    [navigate, path],
  );
  return [state, set];
}

/** The one that the address names, or the first where it names none of them. */
export const oneOf = <T extends string>(all: readonly [T, ...T[]], named?: string): T => all.find(one => one === named) ?? all[0];
