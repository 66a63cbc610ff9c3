// This one client takes its timers from the window, and asks the document whether it is hidden.

globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
