import * as exported from './pkg/sync.js';

import { serve } from './tell.js';

serve(exported);
