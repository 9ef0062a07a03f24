// Where the focus goes when what had it goes away.
import { useEffect, useRef } from 'react';

/** For a dialog that is made when it opens: the focus goes back to where it was, or to what `or` selects if that is gone. */
export function useFocusBack(or?: string) {
  const before = useRef(document.activeElement);
  useEffect(() => {
    const from = before.current;
    return () => {
      setTimeout(() => {
        // Nothing else has taken it since.
        if (document.activeElement !== document.body) return;
        const to = from?.isConnected && from !== document.body ? from : or && document.querySelector(or);
        if (to instanceof HTMLElement) to.focus();
      });
    };
  }, [or]);
}
