// For the head of a page, before Google's tag and without `type="module"`: nothing is granted until the visitor has chosen. candor.js tells the rest.
(function () {
  /** @type {{dataLayer?: unknown[]}} */
  var page = /** @type {any} */ (globalThis);
  var layer = (page.dataLayer = page.dataLayer || []);
  /** @param {...unknown} _ */
  function gtag(..._) {
    layer.push(arguments);
  }
  gtag("consent", "default", {
    ad_storage: "denied",
    ad_user_data: "denied",
    ad_personalization: "denied",
    analytics_storage: "denied",
    functionality_storage: "denied",
    personalization_storage: "denied",
    security_storage: "granted",
    wait_for_update: 500,
  });
})();
