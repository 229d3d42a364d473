// Entry of the page.
import { isolate } from './isolation.ts';
import { Shell } from './shell.ts';

if (!(await isolate())) new Shell(document.getElementById('page')!);
