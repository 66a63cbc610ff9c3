// What the READMEs' snippets take for granted.

declare const model: string;
declare const question: string;
declare const query: string;
declare const id: string;
declare const messages: object[];
declare const session: string;
declare const controller: AbortController;
declare const output: HTMLElement;
declare const stopButton: HTMLButtonElement;

declare function answer(question: string, signal: AbortSignal): AsyncIterable<string>;
declare function newTicket(): Promise<string>;
declare function token(rejected: boolean): Promise<string>;
declare function show(data: string | string[]): void;
declare function draw(messages: { readonly data: string }[]): void;

/** Of the library htmx, whose script makes it. */
declare const htmx: { createEventSource(url: string): EventSource };
