// Keys: `g` and a letter leads to a page, `/` to the filter, `j` and `k` through rows, `x` says what an insight was, `?` to this list.
import Modal from '@cloudscape-design/components/modal';
import { useEffect, useRef } from 'react';

interface Page { href: string; text: string; key: string }

/** Within the editor, too, which is in a shadow of its own. */
const isTyping = (event: KeyboardEvent, target: EventTarget | undefined = event.composedPath()[0]) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function useShortcuts(pages: Page[], navigate: (to: string) => void, help: () => void) {
  // None was pressed yet: 0 is when the page was opened.
  const leader = useRef(-Infinity);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const isLed = event.timeStamp - leader.current < 1500;
      leader.current = event.key === 'g' ? event.timeStamp : -Infinity;
      if (isLed) {
        const page = pages.find(one => one.key === event.key);
        if (page) { event.preventDefault(); navigate(page.href); }
      } else if (event.key === '?') {
        event.preventDefault();
        help();
      } else if (event.key === '/') {
        const filter = document.querySelector<HTMLInputElement>('[data-filter] input');
        if (filter) { event.preventDefault(); filter.focus(); }
      } else if (event.key === 'x' && !event.repeat) {
        const say = document.querySelector<HTMLElement>('[data-say] button');
        if (say) { event.preventDefault(); say.click(); }
      } else if (event.key === 'j' || event.key === 'k') {
        const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
        const at = rows.indexOf(document.activeElement as HTMLElement);
        const next = rows[event.key === 'j' ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
        if (next) { event.preventDefault(); next.focus(); }
      }
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [pages, navigate, help]);
}

export function Help({ isOpen, close, pages }: { isOpen: boolean; close: () => void; pages: Page[] }) {
  const keys: [string, string][] = [
    ...pages.map((page): [string, string] => [`g ${page.key}`, page.text]),
    ['/', 'Filter'],
    ['j, k', 'Next and previous insight of a list; Enter opens it'],
    ['x', 'Say what an insight was, on its page'],
    ['Ctrl Enter', 'Run the statement of the Lake'],
    ['← →', 'Read the values of a timeline, once it has the focus; Shift for ten steps'],
    ['Page Up, Page Down', 'Show what was earlier, or later, of a timeline that has the focus'],
    ['?', 'This list'],
  ];
  return (
    <Modal visible={isOpen} onDismiss={close} header="Keyboard shortcuts" closeAriaLabel="Close">
      <dl className="facts">
        {keys.map(([key, what]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
