// What somebody gets wrong who has not read the page: every line with a mistake is one that the types see.
import * as candor from "../../../src/candor-js/candor.js";

void candor.init({ server: 5 });
void candor.choose({ newsletter: "yes" });
candor.track("pageViews");
candor.allows();
candor.onChange((choices) => choices.newsletter.length);
