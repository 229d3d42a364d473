// The images that are listed: those of one count of the confusion matrix, or all mistakes.
import { type Answer, byConfidence } from '../../evaluation/evaluation.ts';
import { isKnown } from '../model/form.ts';
import type { Cell } from './confusion_view.ts';
import type { Examined } from './examined.ts';

export interface Selection {
  readonly examined: Examined;
  /** As the address has it. */
  readonly text: string | null;
  /** Undefined also where the matrix has no such cell. */
  readonly cell: Cell | undefined;
  /** Those of the cell, or without one the mistakes. */
  readonly answers: readonly Answer[];
}

/** @param before given back where nothing has changed */
export function selectionOf(
  examined: Examined,
  text: string | null,
  before: Selection | undefined,
): Selection {
  if (before?.examined === examined && before.text === text) return before;
  const { answers, mistakes, evaluation } = examined;
  const [label, predicted] = (text?.match(/^(\d+)-(\d+)$/) ?? []).slice(1).map(Number);
  if (!(label < evaluation.classes && predicted < evaluation.classes)) {
    return { examined, text, cell: undefined, answers: mistakes };
  }
  const inCell = answers.filter((answer) => answer.label === label && answer.predicted === predicted);
  return { examined, text, cell: { label, predicted }, answers: byConfidence(inCell) };
}

/** Whether the view's address may have such a parameter. */
export function isKnownParameter(name: string, value: string, selection: Selection | undefined): boolean {
  switch (name) {
    case 'run':
    case 'model':
      return true;
    case 'cell':
      return selection === undefined || selection.text !== value || selection.cell !== undefined;
    case 'image':
      return selection === undefined || Number(value) < selection.examined.answers.length;
    case 'holdOut':
      return /^\d+$/.test(value);
    default:
      return isKnown(name, value);
  }
}
