/** Runs named steps, prints one line for each and the sum at the end. */

export function assert(holds, text) {
  if (!holds) throw new Error(text);
}

export class Report {
  #passed = 0;
  #failed = 0;

  /** A failed step does not stop the later ones: each says for itself what it could not do. */
  async step(name, run) {
    const began_ms = performance.now();
    try {
      await run();
      this.#passed += 1;
      console.log(`ok      ${name} (${((performance.now() - began_ms) / 1000).toFixed(1)} s)`);
    } catch (error) {
      this.#failed += 1;
      console.log(`FAILED  ${name}\n        ${error.message.split("\n").slice(0, 3).join("\n        ")}`);
    }
  }

  /** @returns the exit status. */
  finish() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 ? 0 : 1;
  }
}
