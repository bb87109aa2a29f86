// Saves an answer, and tries again until the server has it.

import { saveAnswer } from "./page_server.js";

const WAITS = [1, 2, 4, 8]; // seconds between attempts; the last again and again
const FOR_GOOD = [400, 401, 403, 404, 409, 413, 415];

/**
 * Saves an answer. `before` is done first; `onWait` hears the refusal and the seconds until the
 * next attempt.
 * Returns `{promise, stop, retry}`; the promise is kept with what the server says once it has
 * saved, and broken with a refusal that another attempt would not change, or with an AbortError.
 */
export function startSaving(person, annotator, { answer, before, onWait }) {
  let request = null;
  let wake = () => {};
  let stopped = false;
  const wait = (seconds) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000 * seconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const save = async () => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await before();
        if (stopped) throw new DOMException("stopped by the user", "AbortError");
        request = saveAnswer(person, annotator, answer);
        return await request.promise;
      } catch (error) {
        if (error.status === undefined || FOR_GOOD.includes(error.status)) throw error;
        if (stopped) throw new DOMException("stopped by the user", "AbortError");
        const seconds = error.retryAfter ?? WAITS[Math.min(attempt, WAITS.length - 1)];
        onWait(error, seconds);
        await wait(seconds);
      }
    }
  };
  return {
    promise: save(),
    retry: () => wake(),
    stop: () => {
      stopped = true;
      request?.abort();
      wake();
    },
  };
}
