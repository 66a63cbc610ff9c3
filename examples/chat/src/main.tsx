import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './App';
import { Chat } from './chat';
import './style.css';

// Made once for the page, so that no render opens a connection, and none closes one.
const chat = new Chat();

createRoot(document.querySelector('#root')!).render(<StrictMode><App chat={chat} /></StrictMode>);
