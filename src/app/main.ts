// Entry of the page.
import { Shell } from './shell.ts';

new Shell(document.getElementById('page')!);
