// What happened since the page was opened: a bar above it says so, until it is put away.
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { useEffect, useRef, useState } from 'react';
import type { Now } from '../api-types';
import { plural, shortClock } from '../words';
import { Failed } from './states';
import type { Live } from './live';

interface Piece { id: string; type: FlashbarProps.Type; header: string; content: string; button: string; to: string }

/** Bars at once: more than that nobody reads. */
const MOST = 3;

export function News({ live, navigate }: { live: Live; navigate: (to: string) => void }) {
  const [pieces, setPieces] = useState<Piece[]>([]);
  const first = useRef<{ newest: Set<string>; dead: number } | null>(null);
  const { now } = live;
  useEffect(() => {
    if (!now) return;
    // What there was already is no news.
    const known = (first.current ??= { newest: new Set(now.newest.map(one => one.id)), dead: now.deadDeliveries });
    const fresh = newsOf(now, known);
    if (fresh.length) setPieces(before => [...fresh, ...before.filter(one => !fresh.some(piece => piece.id === one.id))].slice(0, MOST));
  }, [now]);
  const away = (id: string) => setPieces(before => before.filter(one => one.id !== id));
  if (!pieces.length && !live.error?.isOffline) return null;
  return (
    <>
      {live.error?.isOffline && <Failed error={live.error} what="the console" />}
      {pieces.length > 0 && (
        <Flashbar
          items={pieces.map(piece => ({
            id: piece.id, type: piece.type, header: piece.header, content: piece.content, dismissible: true, dismissLabel: 'Put it away',
            buttonText: piece.button, onButtonClick: () => { away(piece.id); navigate(piece.to); }, onDismiss: () => away(piece.id),
          }))}
          i18nStrings={{ ariaLabel: 'News', notificationBarAriaLabel: 'All news', notificationBarText: 'News', errorIconAriaLabel: 'Error', warningIconAriaLabel: 'Warning', successIconAriaLabel: 'Success', infoIconAriaLabel: 'Notice', inProgressIconAriaLabel: 'Going on' }}
        />
      )}
    </>
  );
}

function newsOf(now: Now, known: { newest: Set<string>; dead: number }): Piece[] {
  const pieces: Piece[] = [];
  for (const one of now.newest) {
    if (known.newest.has(one.id)) continue;
    known.newest.add(one.id);
    pieces.push({
      id: one.id, type: one.level === 'high' ? 'error' : 'warning', header: `${one.title}: ${one.change}`,
      content: `Unusual since ${shortClock(one.start)} UTC, in ${one.region} of account ${one.account}. Score ${one.score}.`, button: 'Open', to: `/insights/${one.id}`,
    });
  }
  if (now.deadDeliveries > known.dead) {
    const more = now.deadDeliveries - known.dead;
    pieces.push({
      id: 'dead', type: 'error', header: `${plural(more, 'message')} ${more === 1 ? 'was' : 'were'} given up`,
      content: 'Since this page was opened: whoever they were for was not told.', button: 'See why', to: '/rules?tab=deliveries&state=dead',
    });
  }
  return pieces;
}
