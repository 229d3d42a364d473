import { describeKernel } from './suite.ts';

describeKernel('adamw');
