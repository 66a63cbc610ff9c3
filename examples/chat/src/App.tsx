import { memo, useSyncExternalStore, type FormEvent, type KeyboardEvent } from 'react';

import type { Chat, Fault, Message } from './chat';

const QUESTIONS = ['What are server-sent events?', 'Why does the answer come in pieces?', 'What can go wrong on the way?'];

const FAULTS: Record<Fault, string> = {
  '': 'answers',
  busy: 'is busy at first (429)',
  break: 'breaks off in the middle',
  error: 'fails in the middle',
  down: 'is down (503)',
};

export function App({ chat }: { chat: Chat }) {
  const messages = useSyncExternalStore(chat.subscribe, chat.messages);
  const last = messages.at(-1);
  const isAnswering = last?.status === 'answering';
  return (
    <>
      <header>
        <h1>Chat</h1>
        <button type="button" disabled={last === undefined} onClick={() => chat.clear()}>New chat</button>
      </header>
      <main>
        {/* What is added to a log is read out; an answer that is busy only when it is complete. */}
        <div className="scroller" role="log" aria-label="Conversation" tabIndex={0}>
          <div className="messages">
            {messages.map((message) => <Entry key={message.id} message={message} chat={chat} isLast={message === last} />)}
            {last === undefined && <Questions chat={chat} />}
          </div>
        </div>
      </main>
      <p className="visually-hidden" role="status">{isAnswering ? last.problem || 'The answer is coming.' : ''}</p>
      <Ask chat={chat} isAnswering={isAnswering} />
    </>
  );
}

/** One message. While an answer grows, only its own entry is rendered. */
const Entry = memo(function Entry({ message, chat, isLast }: { message: Message; chat: Chat; isLast: boolean }) {
  const { role, text, status, problem } = message;
  return (
    <article className={`${role} ${status}`} aria-label={role === 'user' ? 'You' : 'Answer'} aria-busy={status === 'answering'}>
      <p className="text">{text}</p>
      {status === 'answering' && <p className="note">{problem || (text === '' ? 'Thinking …' : '')}</p>}
      {status === 'stopped' && <p className="note">You have stopped this answer.</p>}
      {status === 'failed' && (
        <div className="problem" role="alert">
          <p>{problem}</p>
          {isLast && <button type="button" onClick={() => chat.retry()}>Retry</button>}
        </div>
      )}
    </article>
  );
});

function Questions({ chat }: { chat: Chat }) {
  return (
    <section aria-label="Questions to begin with">
      <p>Ask something, or begin with one of these.</p>
      {QUESTIONS.map((text) => <button key={text} type="button" onClick={() => chat.ask(text)}>{text}</button>)}
    </section>
  );
}

function Ask({ chat, isAnswering }: { chat: Chat; isAnswering: boolean }) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    // It is one button, which keeps the focus.
    if (isAnswering) return chat.stop();
    const form = event.currentTarget;
    const question = form.elements.namedItem('question') as HTMLTextAreaElement;
    const fault = form.elements.namedItem('fault') as HTMLSelectElement;
    const text = question.value.trim();
    if (text === '') return question.focus();
    chat.ask(text, fault.value as Fault);
    question.value = '';
  }

  /** Enter sends, unless it ends the composition of a character, as in Japanese. */
  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (!isAnswering) event.currentTarget.form?.requestSubmit();
  }

  return (
    <form onSubmit={submit}>
      <div className="field">
        <textarea name="question" aria-label="Your question" placeholder="Ask something" rows={1} onKeyDown={onKeyDown} />
        <button type="submit">{isAnswering ? 'Stop' : 'Send'}</button>
      </div>
      <label>
        The model{' '}
        <select name="fault">
          {Object.entries(FAULTS).map(([fault, text]) => <option key={fault} value={fault}>{text}</option>)}
        </select>
      </label>
    </form>
  );
}
