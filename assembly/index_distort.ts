// What a plan that distorts its images calls beside the exports of index.ts: a quarter of their code, and most first
// steps do without.
export { distort } from './distort';
