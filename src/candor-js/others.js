/**
 * What other people's tools are told of the visitor's choices. A yes never means more to them than it meant to the visitor.
 *
 * @typedef {import("./server.js").Standing} Standing
 * @typedef {"ad_storage" | "ad_user_data" | "ad_personalization" | "analytics_storage" | "functionality_storage" | "personalization_storage" | "security_storage"} GoogleType
 * @typedef {Record<string, GoogleType[]>} GoogleMapping For each purpose, the types of Google's consent mode that it stands for.
 */

/** The seven types of Google Consent Mode v2. @type {GoogleType[]} */
export const googleTypes = [
  "ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage", "personalization_storage", "security_storage",
];

/** @type {GoogleType[]} */
const advertising = ["ad_storage", "ad_user_data", "ad_personalization"];

/**
 * What a purpose stands for when the page does not say, by its class in the Data Privacy Vocabulary. A newsletter (`DirectMarketing`) is no advertising
 * network, so it stands for none.
 * @type {GoogleMapping}
 */
const usual = {
  Advertising: advertising,
  PersonalisedAdvertising: advertising,
  TargetedAdvertising: advertising,
  ImproveExistingProductsAndServices: ["analytics_storage"],
  Personalisation: ["personalization_storage"],
  PersonalisedBenefits: ["personalization_storage"],
  ProvidePersonalisedRecommendations: ["personalization_storage"],
  ProvideProductRecommendations: ["personalization_storage"],
  ServicePersonalisation: ["personalization_storage"],
};

/**
 * The state of Google's seven types. A type is granted when every purpose that stands for it is allowed and rests on consent: storing on a device needs one.
 * `security_storage` is granted unless mapped: it keeps the site safe and nothing else.
 * @param {Iterable<Standing>} standings
 * @param {GoogleMapping} [mapping]
 * @returns {Record<GoogleType, "granted" | "denied">}
 */
export function googleConsent(standings, mapping = {}) {
  /** @type {Map<GoogleType, boolean>} */
  const known = new Map();
  for (const s of standings) {
    for (const type of mapping[s.purpose] ?? usual[s.dpvPurpose] ?? []) {
      known.set(type, (known.get(type) ?? true) && s.allowed && s.basis === "consent");
    }
  }
  /** @param {GoogleType} type */
  const isGranted = (type) => known.get(type) ?? type === "security_storage";
  return /** @type {Record<GoogleType, "granted" | "denied">} */ (Object.fromEntries(googleTypes.map((t) => [t, isGranted(t) ? "granted" : "denied"])));
}

/**
 * Calls `gtag` as Google's own snippet does: the arguments object itself goes onto the data layer.
 * @param {...unknown} _
 */
export function gtag(..._) {
  const page = /** @type {{dataLayer?: unknown[]}} */ (globalThis);
  // eslint-disable-next-line prefer-rest-params
  (page.dataLayer ??= []).push(arguments);
}

/**
 * For Segment: `analytics.track(name, properties, { context: segmentContext() })`, or in a source middleware.
 * @param {Iterable<Standing>} standings
 */
export function segment(standings) {
  return { consent: { categoryPreferences: Object.fromEntries([...standings].map((s) => [s.purpose, s.allowed])) } };
}

/**
 * For RudderStack's event context, and for the `consentManagement` option of its SDK.
 * @param {Iterable<Standing>} standings
 */
export function rudderStack(standings) {
  const all = [...standings];
  return {
    consentManagement: {
      provider: "custom",
      resolutionStrategy: "and",
      allowedConsentIds: all.filter((s) => s.allowed).map((s) => s.purpose),
      deniedConsentIds: all.filter((s) => !s.allowed).map((s) => s.purpose),
    },
  };
}
