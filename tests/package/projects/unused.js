import 'eventsource-wasm';

console.log('nothing of it');
