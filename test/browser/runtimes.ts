// What the tests of jobs in real browsers run in: the browsers that the command line drives.
import { TESTED_BROWSERS } from './setup.ts';

/** WebKit is for Linux. */
const WEBKIT = process.platform === 'linux' ? (['webkit'] as const) : [];

export const RUNTIMES = [...TESTED_BROWSERS, ...WEBKIT];
