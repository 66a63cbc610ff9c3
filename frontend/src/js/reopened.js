/** The settings with which a source is opened again, after the message of this id. */
export function reopened(settings, lastEventId) {
  const again = { ...settings, lastEventId, isReopened: true };
  const { response, ...request } = settings.fetch ?? {};
  // A response that was given is read once, and the page may have asked for it in a way that is not to be repeated.
  if (response !== undefined) again.fetch = { resend: false, ...request };
  return again;
}
