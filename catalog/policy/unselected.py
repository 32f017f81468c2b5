"""What a call of a dispatcher tool runs that selects no action, by the tool's own schema."""

from collections.abc import Mapping, Sequence

from catalog.view import EntryRow
from classifier.schema import properties


def run_unselected(tool: EntryRow, actions: Sequence[EntryRow]) -> Sequence[EntryRow]:
    """Return those of a tool's ``actions`` that a call without the selector could run.

    The default, where there is one, also of an argument that is said to be required: servers fill it in. None where the
    selector must be given, or takes any text: then a dispatcher tells what it offers. All of them where the schema
    lists the actions and demands none: its author chose one, and does not say which.
    """
    schema = tool.definition.tool.input_schema
    members, required = schema.get("properties"), schema.get("required")
    found: list[EntryRow] = []
    for argument in dict.fromkeys(one.dispatch.argument for one in actions if one.dispatch):
        of_argument = [one for one in actions if one.dispatch and one.dispatch.argument == argument]
        member = members.get(argument) if isinstance(members, Mapping) else None
        default = member.get("default") if isinstance(member, Mapping) else None
        usual = [one for one in of_argument if one.dispatch and one.dispatch.value == default]
        listed = any(one.values for one in properties(schema) if one.name == argument and one.depth == 0)
        if usual:
            found += usual
        elif listed and not (isinstance(required, list) and argument in required):
            found += of_argument
    return found
