import { Clock } from './clock';

export default function Page() {
  return (
    <main>
      <h1>The server&apos;s time</h1>
      <Clock />
    </main>
  );
}
