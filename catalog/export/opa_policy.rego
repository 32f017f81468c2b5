# Decides on one request of an MCP client by the rules in data.catalog_policy. Written by catalog; the same for every
# policy: no name and no value of a server stands in here.
#
# Input: the JSON-RPC request ({"method": "tools/call", "params": {"name": ..., "arguments": {...}}}).
# Ask data.catalog.authz.decision: "allow", "approve" (a person is to be asked) or "deny"; or data.catalog.authz.allow,
# which is true for "allow" alone; data.catalog.authz.reason says why. data.catalog.authz.listed holds the tools that
# tools/list may show. Undefined is a denial.
package catalog.authz

import rego.v1

policy := data.catalog_policy

default allow := false

allow if decision == "allow"

default decision := "deny"

# Requests that reach no tool, resource or prompt.
decision := "allow" if input.method in policy.open

decision := "allow" if {
	is_string(input.method)
	startswith(input.method, "notifications/")
}

decision := "allow" if {
	input.method in {"resources/read", "resources/subscribe", "resources/unsubscribe"}
	may_use(policy.resources, input.params.uri)
}

decision := "allow" if {
	input.method == "prompts/get"
	may_use(policy.prompts, input.params.name)
}

decision := verdict if {
	input.method == "tools/call"
	is_object(arguments)
	count(chosen) > 0
	verdict := strictest
	every rule in chosen { holds_all(rule) }
}

decision := policy.tools[input.params.name].unselected if {
	input.method == "tools/call"
	is_object(arguments)
	not own
	count(sent) == 0
}

default reason := "the policy does not let this request pass"

reason := "the policy's rules let this request pass" if decision == "allow"

reason := "the policy wants a person to approve this request" if decision == "approve"

listed contains name if {
	some name, found in policy.tools
	found.listed
}

may_use(patterns, name) if {
	some pattern in patterns
	not endswith(pattern, "*")
	name == pattern
}

may_use(patterns, name) if {
	some pattern in patterns
	endswith(pattern, "*")
	is_string(name)
	startswith(name, substring(pattern, 0, count(pattern) - 1))
}

# A tool.

tool := policy.tools[input.params.name]

arguments := found if {
	is_object(input.params)
	found := object.get(input.params, "arguments", {})
	is_object(found)
}

own if count(tool.rules) > 0

# Selectors that are given: null is not.
sent contains selector if {
	some selector, _ in tool.selectors
	object.get(arguments, selector, null) != null
}

known if every selector in sent { tool.selectors[selector][arguments[selector]] }

chosen contains rule if {
	known
	some rule in tool.rules
}

chosen contains rule if {
	known
	some selector in sent
	some rule in tool.selectors[selector][arguments[selector]]
}

strictest := "deny" if {
	some rule in chosen
	rule.decision == "deny"
} else := "approve" if {
	some rule in chosen
	rule.decision == "approve"
} else := "allow"

# Conditions.

holds_all(rule) if every condition in rule.conditions { holds(condition) }

holds(condition) if {
	condition.operator == "present"
	value_of(condition) != null
}

holds(condition) if {
	condition.operator == "absent"
	value_of(condition) == null
}

holds(condition) if {
	condition.optional
	value_of(condition) == null
}

holds(condition) if {
	condition.operator == "at_most"
	value := value_of(condition)
	is_finite(value)
	value <= condition.bound
}

holds(condition) if {
	condition.operator == "at_least"
	value := value_of(condition)
	is_finite(value)
	value >= condition.bound
}

holds(condition) if {
	condition.operator in {"one_of", "within", "host_in"}
	value := value_of(condition)
	not is_array(value)
	value != null
	fits(condition, value)
}

holds(condition) if {
	condition.operator in {"one_of", "within", "host_in"}
	value := value_of(condition)
	is_array(value)
	every item in value { fits(condition, item) }
}

fits(condition, item) if {
	condition.operator == "one_of"
	some allowed in condition.values
	item == allowed
}

fits(condition, item) if {
	condition.operator in {"within", "host_in"}
	is_string(item)
	regex.match(condition.pattern, item)
}

value_of(condition) := object.get(arguments, condition.path, null)

is_finite(value) if {
	is_number(value)
	value <= policy.numbers.largest
	value >= policy.numbers.smallest
}
