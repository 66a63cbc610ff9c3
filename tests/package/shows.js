import assert from 'node:assert/strict';

/** Opens a page and waits for a message in it. */
export async function shows(browser, url) {
  await browser.open(url);
  const patience = performance.now() + 30_000;
  for (let text = ''; !/\d\d:\d\d/.test(text);) {
    text = await browser.evaluate('return document.querySelector("li")?.textContent ?? ""', []);
    if (performance.now() > patience) {
      const shown = await browser.evaluate('return document.documentElement.outerHTML', []);
      assert.fail(`no message came into the page: ${shown}`);
    }
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
