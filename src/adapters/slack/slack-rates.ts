/**
 * Rates slightly below Slack's limits: about 1 message a second per channel with a small burst (`chat.postMessage`),
 * tier 3 for edits (`chat.update`) and tier 4 for what one person sees (`chat.postEphemeral`).
 */
export const slackRates = {
  post: { burst: 3, perSecond: 1 },
  update: { burst: 10, perSecond: 40 / 60 },
  ephemeral: { burst: 20, perSecond: 80 / 60 },
  /** `views.publish`: tier 4. */
  home: { burst: 20, perSecond: 60 / 60 },
} as const;
