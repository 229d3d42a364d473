// <code-editor>: CodeMirror in a tree of its own, so that its style sheets need no exception from the page's
// policy. Fires `edit` when somebody changes the text.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { Annotation, Compartment, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { ShaderMessage } from '../../engine/webgpu/compile.ts';
import { assemblyScript, instructions, wgsl } from './languages.ts';

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.keyword, color: 'var(--code-keyword)' },
  { tag: tags.typeName, color: 'var(--code-type)' },
  { tag: [tags.number, tags.atom, tags.string], color: 'var(--code-number)' },
  { tag: tags.meta, color: 'var(--code-meta)' },
  { tag: tags.function(tags.variableName), color: 'var(--code-function)' },
]);

const THEME = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--panel)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace',
    lineHeight: '1.5',
  },
  '.cm-gutters': { backgroundColor: 'var(--well)', color: 'var(--muted)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 28%, transparent)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', color: 'var(--ink)', border: '1px solid var(--edge)' },
  '.cm-diagnostic': { fontFamily: 'system-ui, sans-serif' },
});

/**
 * Typing over a selection of several colours: what Chromium makes of that has styles in it, which the page's policy
 * refuses, and says so.
 */
const TYPING_OVER = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { selection, readOnly } = view.state;
    const isPlain = event.inputType === 'insertText' && event.data !== null && !view.composing;
    if (!isPlain || readOnly || selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data!), {
      userEvent: 'input.type',
      scrollIntoView: true,
    });
    return true;
  },
});

/** A change that the page made, not somebody who types. */
const fromPage = Annotation.define<boolean>();

const LANGUAGES = { wgsl, assemblyScript, instructions } as const;

export type CodeLanguage = keyof typeof LANGUAGES;

export class CodeEditor extends HTMLElement {
  private readonly editable = new Compartment();
  private readonly language = new Compartment();
  private readonly label = new Compartment();
  private readonly view: EditorView;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    const holder = document.createElement('div');
    holder.style.height = '100%';
    root.append(holder);
    this.view = new EditorView({
      root,
      parent: holder,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          indentUnit.of('  '),
          bracketMatching(),
          highlightActiveLine(),
          lintGutter(),
          syntaxHighlighting(COLOURS),
          // Escape, then Tab, leaves the editor.
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          this.language.of(wgsl),
          this.editable.of([]),
          this.label.of([]),
          THEME,
          TYPING_OVER,
          EditorView.updateListener.of(({ docChanged, transactions }) => {
            const byHand = transactions.some((each) => each.docChanged && !each.annotation(fromPage));
            if (docChanged && byHand) this.dispatchEvent(new CustomEvent('edit', { detail: this.text }));
          }),
        ],
      }),
    });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Another text takes the place of this one; what is undone brings it back. */
  set text(text: string) {
    const { doc } = this.view.state;
    if (text === doc.toString()) return;
    this.view.dispatch({
      changes: { from: 0, to: doc.length, insert: text },
      annotations: fromPage.of(true),
    });
  }

  /** The first occurrence of a text is selected and in sight. @returns whether there is one */
  select(part: string): boolean {
    const from = this.text.indexOf(part);
    if (from < 0) return false;
    this.view.dispatch({ selection: { anchor: from, head: from + part.length }, scrollIntoView: true });
    this.view.focus();
    return true;
  }

  override focus(): void {
    this.view.focus();
  }

  set readonly(readonly: boolean) {
    this.view.dispatch({ effects: this.editable.reconfigure(EditorState.readOnly.of(readonly)) });
  }

  set code(language: CodeLanguage) {
    this.view.dispatch({ effects: this.language.reconfigure(LANGUAGES[language]) });
  }

  /** What screen readers call it. */
  set name(name: string) {
    const attributes = EditorView.contentAttributes.of({ 'aria-label': name, tabindex: '0' });
    this.view.dispatch({ effects: this.label.reconfigure(attributes) });
  }

  /** Marks places; those of a line only mark all of it. */
  set messages(messages: readonly ShaderMessage[]) {
    const { doc } = this.view.state;
    const diagnostics = messages.map(({ severity, text, line, column, length }): Diagnostic => {
      const { from: begin, to: end } = doc.line(Math.min(Math.max(line, 1), doc.lines));
      const from = Math.min(begin + Math.max(column - 1, 0), end);
      // Where a compiler names a point, the word there is meant.
      const [word] = /^\w*/.exec(doc.sliceString(from, end)) ?? [''];
      const to = column < 1 ? end : Math.min(from + Math.max(length, word.length, 1), end);
      return { from: Math.min(from, to), to, severity, message: text };
    });
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }
}

customElements.define('code-editor', CodeEditor);
