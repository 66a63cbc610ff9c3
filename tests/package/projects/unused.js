import 'eventsource-wasm';
import 'eventsource-wasm/react';
import 'eventsource-wasm/svelte';
import 'eventsource-wasm/vue';

console.log('nothing of it');
