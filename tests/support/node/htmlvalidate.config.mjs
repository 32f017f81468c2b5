// The rules by which html-validate reads built pages. A rule that is off says here why.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // HTML takes either case, and our templates are in lower case throughout.
    "doctype-style": ["error", { style: "lowercase" }],
    // A title holds the names of a tool and of its server, however long others made them.
    "long-title": "off",
  },
};
