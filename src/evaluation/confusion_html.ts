// The confusion matrix and the scores of its classes, as the report has them.
import { className, type Dataset } from '../data/dataset.ts';
import { count } from '../plural.ts';
import { shades } from './confusion.ts';
import type { Evaluation } from './evaluation.ts';
import { type Markup, markup } from './markup.ts';
import { unbrokenPercent } from './percent.ts';

/** Its cells tell in words, too, what they count. */
export function confusionMap({ confusion }: Evaluation, { classNames }: Dataset): Markup {
  const name = (label: number) => className(classNames, label);
  const shaded = shades(confusion);
  const cell = (target: number, predicted: number, n: number) => {
    const { kind, heat } = shaded[target][predicted];
    if (kind === 'none') return markup`<td class="none">0</td>`;
    return markup`<td class="${kind}" style="--heat:${heat.toFixed(3)}" title="${name(target)} taken for ${name(
      predicted,
    )}: ${n}">${n}</td>`;
  };
  return markup`<section><h2>Confusion</h2>
<p>Rows are the true classes, columns the predicted ones.</p>
<div class="wide"><table class="confusion" style="min-width: ${26 * (confusion.length + 1)}px">
<thead><tr><th></th>${confusion.map((_, p) => markup`<th scope="col">${name(p)}</th>`)}</tr></thead>
<tbody>${confusion.map(
    (row, t) => markup`<tr><th scope="row">${name(t)}</th>${row.map((n, p) => cell(t, p, n))}</tr>`,
  )}</tbody>
</table></div></section>`;
}

export function classTable({ perClass }: Evaluation, { classNames }: Dataset): Markup {
  return markup`<section><h2>Classes</h2>
<div class="wide"><table class="scores">
<thead><tr><th scope="col">class</th><th scope="col">precision</th><th scope="col">recall</th>
<th scope="col">F1</th><th scope="col">images</th></tr></thead>
<tbody>${perClass.map(
    (
      { precision, recall, f1, support },
      label,
    ) => markup`<tr><th scope="row">${className(classNames, label)}</th>
<td>${unbrokenPercent(precision)}</td><td>${unbrokenPercent(recall)}</td><td>${unbrokenPercent(f1)}</td><td>${count(support)}</td></tr>`,
  )}</tbody>
</table></div></section>`;
}
