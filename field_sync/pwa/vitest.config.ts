import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    // One worker for many files: a test that needs a world of its own makes one. Twice as fast.
    isolate: false,
    // Its parts are taken one by one, in a form that only bundlers follow.
    server: { deps: { inline: ["@zxing/library"] } },
  },
});
