"""The same tool pages by Hugo: a content adapter that reads the same data, and our template in Go's template language.

The template is translated from the flat form of ours (sitegen.flatten), statement by statement, so that both always
say the same. What a translation cannot say is an error here, never a page that says less.
"""

import json
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, PackageLoader, nodes

from sitegen.counted import COUNTED
from sitegen.flatten import flattened
from sitegen.render import Frame

ADAPTER = """\
{{ range resources.Match "pages/*.json" }}
{{ range . | transform.Unmarshal }}
{{ $.AddPage (dict "path" (strings.TrimSuffix "/" .path) "title" .title "params" (dict "page" .)) }}
{{ end }}
{{ end }}
"""

# What sitegen.structured makes of the same page; Hugo sorts the keys.
STRUCTURED = """\
{{- $way := slice }}{{ range $at, $crumb := $page.crumbs -}}
{{ $way = $way | append (dict "@type" "ListItem" "position" (add $at 1) "name" $crumb.text
  "item" (printf "%s%s" site.BaseURL $crumb.to)) }}
{{- end -}}
{{ $way = $way | append (dict "@type" "ListItem" "position" (add (len $page.crumbs) 1) "name" $page.name) -}}
{{ $asked := slice }}{{ range $item := $page.questions -}}
{{ $asked = $asked | append (dict "@type" "Question" "name" $item.question
  "acceptedAnswer" (dict "@type" "Answer" "text" $item.answer)) }}
{{- end -}}
{{ $things := slice
  (dict "@type" "BreadcrumbList" "itemListElement" $way)
  (dict "@type" "TechArticle" "headline" $page.title "description" $page.summary
    "about" (dict "@type" "Thing" "name" $page.name) "url" $canonical)
  (dict "@type" "FAQPage" "mainEntity" $asked) -}}
<script type="application/ld+json">
{{- dict "@context" "https://schema.org" "@graph" $things | jsonify | safeJS -}}
</script>"""

_COMPARISONS = {"eq": "eq", "ne": "ne", "gt": "gt", "gteq": "ge", "lt": "lt", "lteq": "le"}


DATA = "assets/pages"
"""Where in a Hugo site the JSON files of pages are."""


def write_hugo_site(folder: Path, base_url: str, frame: Frame) -> None:
    """Write a Hugo site into ``folder`` whose pages come from the JSON files that are there already."""
    (folder / "content").mkdir()
    (folder / "layouts").mkdir()
    settings = {
        "baseURL": base_url,
        "disableKinds": ["home", "section", "taxonomy", "term", "rss", "sitemap", "robotstxt", "404"],
        "params": {"frame": asdict(frame)},
    }
    (folder / "hugo.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "content/_content.gotmpl").write_text(ADAPTER, encoding="utf-8")
    (folder / "layouts/page.html").write_text(template(), encoding="utf-8")


def template() -> str:
    """Return the tool page's template in Go's language."""
    ours = Environment(
        loader=PackageLoader("sitegen"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    begin = (
        "{{- $page := .Params.page }}{{ $frame := site.Params.frame }}{{ $root := `../../../` }}"
        "{{ $canonical := printf `%s%s` site.BaseURL $page.path -}}\n"
    )
    return begin + "".join(map(_statement, flattened(ours, "tool.html").body))


def _statement(node: nodes.Node) -> str:
    match node:
        case nodes.Output():
            return "".join(_written(child) for child in node.nodes)
        case nodes.If():
            branches = "".join(f"{{{{ else if {_value(each.test)} }}}}{_body(each.body)}" for each in node.elif_)
            otherwise = f"{{{{ else }}}}{_body(node.else_)}" if node.else_ else ""
            return f"{{{{ if {_value(node.test)} }}}}{_body(node.body)}{branches}{otherwise}{{{{ end }}}}"
        case nodes.With():
            pairs = zip(node.targets, node.values, strict=True)
            return "".join(f"{{{{ {_value(target)} := {_value(value)} }}}}" for target, value in pairs) + _body(
                node.body
            )
        case nodes.For(test=None, else_=[]):
            return _loop(node)
    raise SystemExit(f"bench/site_hugo.py cannot say {node!r} in Go's template language: teach it")


def _body(body: list[nodes.Node]) -> str:
    return "".join(map(_statement, body))


def _loop(node: nodes.For) -> str:
    target, items = node.target, node.iter
    counter = ""
    if isinstance(items, nodes.Call) and isinstance(items.node, nodes.Name) and items.node.name == COUNTED:
        assert isinstance(target, nodes.Tuple)
        target, items = target.items[1], items.args[0]
        counter = "$_loop, "
    names = target.items if isinstance(target, nodes.Tuple) else [target]
    if len(names) > 1:
        pair = "".join(f"{{{{ {_value(name)} := index $pair {at} }}}}" for at, name in enumerate(names))
        return f"{{{{ range {counter}$pair := {_value(items)} }}}}{pair}{_body(node.body)}{{{{ end }}}}"
    length = f"{{{{ $_length := len {_value(items)} }}}}" if counter else ""
    return f"{length}{{{{ range {counter}{_value(target)} := {_value(items)} }}}}{_body(node.body)}{{{{ end }}}}"


def _written(node: nodes.Expr) -> str:
    match node:
        case nodes.TemplateData():
            return node.data
        case nodes.Const(value=str()):
            return node.value
        case nodes.Name(name="structured"):
            return STRUCTURED
        case nodes.Call(node=nodes.Name(name="link"), args=[nodes.Concat(nodes=[nodes.Getattr(attr="path"), *rest])]):
            return "".join(map(_written, rest))
        case nodes.Call(node=nodes.Name(name="link"), args=[target]):
            parts = target.nodes if isinstance(target, nodes.Concat) else [target]
            return f"{{{{ $root }}}}{''.join(map(_written, parts))}"
    return f"{{{{ {_value(node)} }}}}"


def _value(node: nodes.Expr) -> str:  # noqa: PLR0911, PLR0912  one case for each kind of expression
    match node:
        case nodes.Name():
            return f"${node.name}"
        case nodes.Const(value=str()):
            return json.dumps(node.value, ensure_ascii=False)
        case nodes.Const(value=bool() | int()):
            return json.dumps(node.value)
        case nodes.Getattr(node=nodes.Name(name="_loop")):
            return {"index": "(add $_loop 1)", "index0": "$_loop", "first": "(eq $_loop 0)", "length": "$_length",
                    "last": "(eq (add $_loop 1) $_length)"}[node.attr]  # fmt: skip
        case nodes.Getattr():
            return f"{_value(node.node)}.{node.attr}"
        case nodes.Concat():
            return f"(printf `{'%v' * len(node.nodes)}` {' '.join(map(_value, node.nodes))})"
        case nodes.Not():
            return f"(not {_value(node.node)})"
        case nodes.And():
            return f"(and {_value(node.left)} {_value(node.right)})"
        case nodes.Or():
            return f"(or {_value(node.left)} {_value(node.right)})"
        case nodes.Compare(ops=[nodes.Operand() as operand]):
            return f"({_COMPARISONS[operand.op]} {_value(node.expr)} {_value(operand.expr)})"
        case nodes.CondExpr(expr2=nodes.Expr() as otherwise):
            return f"(cond {_value(node.test)} {_value(node.expr1)} {_value(otherwise)})"
        case nodes.Test(name="none"):
            return f"(eq {_value(node.node)} nil)"
        case nodes.Test(name="defined", node=nodes.Getattr() as asked):
            return f'(isset {_value(asked.node)} "{asked.attr}")'
        case nodes.Getitem(arg=nodes.Slice(start=None, stop=nodes.Const() as stop, step=None)):
            return f"(substr {_value(node.node)} 0 {stop.value})"
        case nodes.Filter(node=nodes.Expr() as filtered):
            return _filtered(node, filtered)
        case nodes.Call():
            return _called(node)
    raise SystemExit(f"bench/site_hugo.py cannot say {node!r} in Go's template language: teach it")


def _filtered(node: nodes.Filter, filtered: nodes.Expr) -> str:
    value = _value(filtered)
    if node.name == "lower":
        return f"(lower {value})"
    if node.name == "join":
        return f"(delimit {value} {_value(node.args[0])})"
    if node.name == "length":
        # Go counts the bytes of a text.
        return f"(strings.RuneCount {value})" if value.endswith(".description") else f"(len {value})"
    raise SystemExit(f"bench/site_hugo.py knows no filter {node.name!r} of Hugo's: teach it")


def _called(node: nodes.Call) -> str:
    match node:
        case nodes.Call(node=nodes.Name(name="link"), args=[nodes.Concat(nodes=[nodes.Getattr(attr="path"), *rest])]):
            return _value(nodes.Concat(rest)) if len(rest) > 1 else _value(rest[0])
        case nodes.Call(node=nodes.Name(name="link"), args=[target]):
            return f"(printf `%s%s` $root {_value(target)})"
        case nodes.Call(node=nodes.Name(name="rule_path"), args=[rule]):
            return f"(printf `rules/%s/` {_value(rule)})"
        case nodes.Call(node=nodes.Getattr(node=nodes.Name(name="frame"), attr="report")):
            return "$frame.report_url"
        case nodes.Call(node=nodes.Name(name="anchor"), args=[rule]):
            return f'(replace {_value(rule)} "/" "-")'
        case nodes.Call(node=nodes.Getattr(node=nodes.Const(value="{:,}"), attr="format"), args=[number]):
            return f"(lang.FormatNumber 0 {_value(number)})"
    raise SystemExit(f"bench/site_hugo.py cannot say {node!r} in Go's template language: teach it")
