// Runs V8's collector: a training makes so little garbage that what was given up would stay for hours.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function collectGarbage(): void {
  // Only contexts that are made from now on see the function.
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}
