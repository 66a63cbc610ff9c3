import * as exported from './pkg/index.js';

import { serve } from './tell.js';

serve(exported);
