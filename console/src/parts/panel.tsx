// What lies beside a page: one panel, which the page fills.
import { createContext, useContext, useEffect, type ReactNode } from 'react';

export interface Panel { title: string; content: ReactNode; close: () => void }

export const PanelContext = createContext<(panel: Panel | null) => void>(() => undefined);

/** Shows this beside the page, as long as it is there. */
export function usePanel(panel: Panel | null) {
  const show = useContext(PanelContext);
  useEffect(() => show(panel), [show, panel]);
  useEffect(() => () => show(null), [show]);
}
