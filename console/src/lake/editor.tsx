// The editor, in a chunk of its own: only the Lake page has one.
//
// It lives in a shadow root: there its styles are adopted sheets, which the page's policy allows; elsewhere they would be a <style>.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, toggleComment } from '@codemirror/commands';
import { SQLDialect, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec, Transaction } from '@codemirror/state';
import { drawSelection, dropCursor, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import type { LakeSchema } from '../api-types';
import { complete } from './completion';
import type { Fault } from './fault';

export interface EditorHandle {
  /** Writes something where the cursor is. */
  insert: (text: string) => void;
  focus: () => void;
  /** Leads to a place. */
  show: (from: number, to: number) => void;
}

interface Props {
  value: string;
  schema: LakeSchema;
  fault: Fault | null;
  change: (value: string) => void;
  run: () => void;
  handle: Ref<EditorHandle>;
}

const LAKE = SQLDialect.define({
  caseInsensitiveIdentifiers: true,
  identifierQuotes: '"',
  charSetCasts: false,
  keywords: 'select distinct from where and or not in like escape between is null exists case when then else end group by grouping sets cube rollup having order asc desc nulls first last limit offset fetch next rows only as on using join inner left right full outer cross unnest union all intersect except with over partition filter within cast try_cast interval at time zone',
  types: 'varchar bigint integer double boolean timestamp date array map row json',
  builtin: 'true false',
});

const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** The page's own variables, so that both modes are one theme. */
const THEME = EditorView.theme({
  '&': { color: 'var(--ts-text)', backgroundColor: 'var(--ts-panel)', fontSize: '13px', border: '1px solid var(--ts-line)', borderRadius: '8px' },
  '&.cm-focused': { outline: '2px solid var(--ts-accent)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: MONO, lineHeight: '20px', minHeight: '160px', maxHeight: '44vh' },
  '.cm-content': { caretColor: 'var(--ts-text)', padding: '8px 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ts-text)' },
  '.cm-gutters': { backgroundColor: 'var(--ts-heat-empty)', color: 'var(--ts-soft)', border: 'none', borderRadius: '8px 0 0 8px' },
  '.cm-activeLine': { backgroundColor: 'var(--ts-unknown)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--ts-band)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--ts-band)', outline: '1px solid var(--ts-line)' },
  '.cm-placeholder': { color: 'var(--ts-soft)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--ts-hot)', textUnderlineOffset: '3px' },
  '.cm-lintPoint-error:after': { borderBottomColor: 'var(--ts-hot)' },
  '.cm-tooltip': { backgroundColor: 'var(--ts-panel)', color: 'var(--ts-text)', border: '1px solid var(--ts-line)', borderRadius: '6px', boxShadow: '0 4px 14px rgba(0, 0, 0, 0.25)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: MONO, fontSize: '12px', maxHeight: '16em' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px', display: 'flex', gap: '14px', justifyContent: 'space-between' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--ts-accent)', color: 'var(--ts-on-accent)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail': { color: 'var(--ts-on-accent)' },
  '.cm-completionDetail': { color: 'var(--ts-soft)', fontStyle: 'normal' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--ts-hot)' },
});

const COLOURS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--ts-fall)', fontWeight: '700' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--ts-warm)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--ts-actual)' },
    { tag: [tags.lineComment, tags.blockComment], color: 'var(--ts-soft)', fontStyle: 'italic' },
    { tag: tags.typeName, color: 'var(--ts-accent)' },
  ]),
);

/** Where a selection is typed over, a browser writes a style of its own, which the page's policy refuses with a complaint: it is done here. */
function typedOver(event: InputEvent, view: EditorView): boolean {
  const { from, to, empty } = view.state.selection.main;
  if (event.inputType !== 'insertText' || !event.data || empty || view.composing) return false;
  event.preventDefault();
  const text = event.data;
  const insert = () => view.state.update({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: 'input.type', scrollIntoView: true });
  if (!view.state.facet(EditorView.inputHandler).some(handle => handle(view, from, to, text, insert))) view.dispatch(insert());
  return true;
}

export default function Editor({ value, schema, fault, change, run, handle }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // Whatever is called from the editor is as it is now, not as it was when the editor was made.
  const latest = useRef({ value, schema, change, run });
  latest.current = { value, schema, change, run };
  // What was typed and told, and may still be on its way back here, while more was typed.
  const told = useRef(new Set<string>());

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(keymap.of([
            { key: 'Mod-Enter', run: () => { latest.current.run(); return true; } },
            { key: 'Mod-/', run: toggleComment },
            { key: 'Tab', run: acceptCompletion },
          ])),
          lineNumbers(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          dropCursor(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          EditorView.lineWrapping,
          sql({ dialect: LAKE }),
          autocompletion({ override: [context => complete(context, latest.current.schema)], icons: false, maxRenderedOptions: 60 }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          placeholder('SELECT eventTime, eventName FROM events …'),
          EditorView.domEventHandlers({ beforeinput: typedOver }),
          THEME,
          COLOURS,
          EditorView.contentAttributes.of({ 'aria-label': 'Statement in SQL. Control and Enter run it.', 'data-editor': '' }),
          EditorView.updateListener.of(update => {
            if (!update.docChanged) return;
            const now = update.state.doc.toString();
            told.current.add(now);
            latest.current.change(now);
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);

  // What is put here from elsewhere, and not by typing.
  useEffect(() => {
    const now = view.current;
    if (!now) return;
    if (now.state.doc.toString() !== value && !told.current.has(value)) {
      now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value }, annotations: Transaction.addToHistory.of(true) });
    }
    // It is here: what was on its way has come, or is out of date.
    if (now.state.doc.toString() === value) told.current.clear();
  }, [value]);

  useEffect(() => {
    const now = view.current;
    if (!now) return;
    const length = now.state.doc.length;
    const found = fault && fault.from <= length ? [{ from: fault.from, to: Math.min(fault.to, length), severity: 'error' as const, message: fault.message }] : [];
    now.dispatch(setDiagnostics(now.state, found));
  }, [fault]);

  useImperativeHandle(handle, () => ({
    insert: text => {
      const now = view.current;
      if (!now) return;
      now.dispatch(now.state.replaceSelection(text), { scrollIntoView: true });
      now.focus();
    },
    focus: () => view.current?.focus(),
    show: (from, to) => {
      const now = view.current;
      if (!now) return;
      const length = now.state.doc.length;
      now.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) }, scrollIntoView: true });
      now.focus();
    },
  }), []);

  return <div ref={host} className="editor" data-editor-host />;
}
