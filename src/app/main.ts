// Entry of the page: defines the custom elements and starts the page.
import './views/curve_chart.ts';
import './views/digit_image.ts';
import { Page } from './page.ts';
import { pageView } from './views/page_view.ts';

new Page(document.getElementById('page')!, pageView).start();
