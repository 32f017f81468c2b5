// The rules by which html-validate reads built pages. A rule that is off says here why.
export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // Checkboxes of one name are how a form gives several values.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "reset", "submit"] }],
    // A title holds the names of a tool and of its server, however long others made them.
    "long-title": "off",
    // A server's own words are shown as it wrote them.
    "no-trailing-whitespace": "off",
  },
};
