// How it is now: told by the service as it changes; asked for from time to time where that does not work.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type ApiError, listen, useGet } from '../api';
import type { Now } from '../api-types';

/** The service says something every 16 seconds at the latest. */
const SILENCE = 25_000;
/** How long it is asked instead, before it is listened to again. */
const AGAIN = 20_000;

/** A browser has six connections to a service, for all of its tabs: those that nobody looks at hold none. */
function useIsSeen(): boolean {
  return useSyncExternalStore(
    listener => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    () => document.visibilityState === 'visible',
  );
}

export interface Live { now: Now | undefined; error: ApiError | null }

export function useLive(isSignedIn: boolean): Live {
  const queries = useQueryClient();
  const isSeen = useIsSeen();
  const [isTold, setTold] = useState(false);
  const asked = useGet<Now>('now', {}, { enabled: isSignedIn, refetchInterval: isTold ? false : isSeen ? 10_000 : 30_000, refetchIntervalInBackground: true, staleTime: isTold ? Infinity : 5_000, refetchOnWindowFocus: !isTold });

  useEffect(() => {
    if (!isSignedIn || !isSeen) return;
    let isOver = false;
    let ending = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const follow = async () => {
      while (!isOver) {
        ending = new AbortController();
        const patient = () => {
          clearTimeout(timer);
          timer = setTimeout(() => ending.abort(), SILENCE);
        };
        patient();
        await listen<Now>('live', ending.signal, now => {
          patient();
          setTold(true);
          queries.setQueryData(['now', {}], now);
        }).catch(() => undefined);
        clearTimeout(timer);
        if (isOver) return;
        setTold(false);
        // That it is away is seen at once.
        void queries.invalidateQueries({ queryKey: ['now'] });
        await new Promise(resolve => { timer = setTimeout(resolve, AGAIN); });
      }
    };
    const broken = () => ending.abort();
    window.addEventListener('offline', broken);
    void follow();
    return () => {
      isOver = true;
      clearTimeout(timer);
      ending.abort();
      window.removeEventListener('offline', broken);
      setTold(false);
    };
  }, [isSignedIn, isSeen, queries]);

  // What other pages show of it is asked for again when it has changed.
  const told = asked.data;
  const mark = told && JSON.stringify([told.ongoing, told.newest.map(one => one.id), told.deadDeliveries, told.isReadingHistory]);
  const before = useRef(mark);
  useEffect(() => {
    if (before.current !== undefined && mark !== before.current) {
      for (const of of ['overview', 'insights', 'heatmap', 'deliveries']) void queries.invalidateQueries({ queryKey: [of] });
    }
    before.current = mark;
  }, [mark, queries]);
  return { now: told, error: asked.error };
}
