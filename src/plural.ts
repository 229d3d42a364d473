// A number with its noun, in English as everything else.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 60000 is "60,000". */
export function count(value: number): string {
  return whole.format(value);
}

/** "1 mistake", "2 mistakes" */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** "a 7", "an 8", "an Ankle boot": the article before what is called so when it is read out. */
export function withArticle(name: string): string {
  return `${/^(8|11$|18$|[aeio])/i.test(name) ? 'an' : 'a'} ${name}`;
}
