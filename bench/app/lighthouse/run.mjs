// Judges a page in a browser that runs already: node run.mjs URL PORT new|kept
// Prints the score of each category, 0 to 100, and the audits that took something off it.
import lighthouse from "lighthouse";

const [url, port, profile] = process.argv.slice(2);
const { lhr } = await lighthouse(url, {
  port: Number(port),
  output: "json",
  logLevel: "error",
  // Whoever is signed in stays so.
  disableStorageReset: profile === "kept",
});
const categories = Object.values(lhr.categories).map(({ id, score, auditRefs }) => {
  const weighed = auditRefs.filter((each) => each.weight > 0).map((each) => lhr.audits[each.id]);
  const short = weighed.filter((audit) => audit.score !== null && audit.score < 1);
  return {
    id,
    score: Math.round((score ?? 0) * 100),
    short: short.map((audit) => `${audit.id} ${audit.displayValue ?? ""}`.trim()),
  };
});
console.log(JSON.stringify(categories));
