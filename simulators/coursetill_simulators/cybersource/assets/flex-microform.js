/* The simulator has no card fields of Microform: a card gets its token by POST /flex/v2/tokens. */
window.Flex = class Flex {
  constructor() {
    throw new Error("The simulator has no Microform fields: post the card to /flex/v2/tokens.");
  }
};
