// The page of a profile: its sections in their order.

import '../kit/theme.js';
import {rowsSection} from './rows.js';
import {treeSection} from './tree.js';
import {timelineSection} from './timeline.js';
import {rooflineSection} from './roofline.js';
import {memorySection} from './memory.js';

timelineSection();
rowsSection();
treeSection();
rooflineSection();
memorySection();
