# Where a call may pass, nothing is printed; else the result that the gateway gives in place of the tool's.

def each(asked): if type == "array" then all(.[]; asked) else asked end;

def number: type == "number" and (isnan | not) and . < 1.7976931348623157e308 and . > -1.7976931348623157e308;

def steps:
  if type != "string" or startswith("~") or (explode | any(. == 0 or . == 92)) then null
  else
    startswith("/") as $absolute
    | [split("/")[] | select(. != "" and . != ".")]
    | if any(.[]; startswith(".")) then null
      elif $absolute then ["/"] + .
      elif length > 0 and (.[0] | explode | any(. == 58)) then .
      else ["."] + . end
  end;

def below($folders): steps as $path | $path != null and any($folders[]; . as $folder | $path[0:length] == $folder);

def host:
  if type != "string" or (explode | any(. <= 32 or . >= 127 or . == 64 or . == 92)) then null
  else
    [capture("^(?<scheme>[A-Za-z]+)://(?<host>[^/?#:\\[\\]]+)(:[^/?#\\[\\]]*)?([/?#]|$)")][0]
    | if . == null or (.scheme | ascii_downcase | . != "http" and . != "https") then null
      else .host | ascii_downcase end
  end;

def holds($arguments):
  . as $condition
  | reduce .at[] as $name ($arguments; if type == "object" then .[$name] else null end)
  | if $condition.asks == "present" then . != null
    elif $condition.asks == "absent" then . == null
    elif . == null then $condition.optional
    elif $condition.asks == "one_of" then each(. as $one | any($condition.values[]; . == $one))
    elif $condition.asks == "at_most" then number and (. as $one | any($condition.values[]; $one <= .))
    elif $condition.asks == "at_least" then number and (. as $one | any($condition.values[]; $one >= .))
    elif $condition.asks == "within" then ([$condition.values[] | steps | select(. != null)] as $folders | each(below($folders)))
    elif $condition.asks == "host_in" then each(host as $host | $host != null and any($condition.values[]; . == $host))
    else false end;

def passes($tools):
  (.Params // .params) as $call
  | ($call.arguments | if . == null then {} else . end) as $arguments
  | ($call.name | type) == "string" and ($tools | has($call.name)) and ($arguments | type) == "object"
    and ($tools[$call.name]
      | [.selectors | to_entries[] | {allowed: .value, sent: $arguments[.key]} | select(.sent != null)] as $sent
      | all($sent[]; .sent as $value | ($value | type) == "string" and (.allowed | has($value)))
        and (if ($sent | length) > 0 or .own != null then true else .unselected end)
        and all((.own // [])[]; holds($arguments))
        and all($sent[]; .allowed[.sent][] | holds($arguments)));

