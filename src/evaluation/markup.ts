// HTML and SVG text that is safe by construction: what is interpolated is escaped unless it is markup itself.

export class Markup {
  constructor(readonly text: string) {}
}

type Value = Markup | string | number | undefined | readonly Markup[];

/** A template tag; lists of markup are joined, undefined is nothing. */
export function markup(texts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(texts.reduce((whole, text, i) => whole + toText(values[i - 1]) + text));
}

function toText(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(toText).join('\n');
  return escapeText(String(value));
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
