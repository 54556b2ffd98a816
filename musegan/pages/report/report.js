// The page of a run: its sections in their order.

import '../kit/theme.js';
import {addTo, data} from '../kit/elements.js';
import {chartFigure} from './chart.js';
import {keepPageView} from './kept_view.js';
import {followRun} from './live.js';
import {evolutionSection, interpolationSection, nearestSection, samplesSection} from './music.js';

samplesSection();
evolutionSection();
for (const chart of data.charts) {
  const {element, start} = chartFigure(chart);
  addTo(chart.section, element);
  start();
}
nearestSection();
interpolationSection();
keepPageView();
followRun();
