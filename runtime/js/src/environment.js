// a variable's name -> its value, in whichever runtime this is. A browser has none.

/** @param {string} name @returns {string | undefined} */
export function variable(name) {
  const environment = globalThis.process?.env;
  // `env` has a prototype: `constructor` is no variable.
  return environment && Object.hasOwn(environment, name) ? environment[name] : undefined;
}
