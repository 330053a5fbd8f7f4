"""The parameters of operations as Python source: their types, and the tables that read them."""

from dataclasses import dataclass
from pprint import pformat

from contractgen.models.generation import Models
from contractgen.plan.contract import Operation, Parameter
from contractgen.plan.converters import ChoiceReader
from contractgen.plan.names import constant_name
from contractgen.render.source import style, text_converter, text_type


@dataclass(frozen=True, slots=True)
class ParameterSource:
    """Prints parameters with the names that the models of a contract have."""

    models: Models

    def constant(self, operation: Operation, parameter: Parameter) -> str:
        """Return the name of a parameter's table where an operation refers to it."""
        if parameter.component:
            return f"shared.{constant_name(parameter.component)}"
        return f"_{constant_name(operation.handler)}__{constant_name(parameter.argument)}"

    def argument(self, parameter: Parameter) -> str:
        """Return the type of a handler's argument."""
        absent = {"nullable": " | MISSING", "optional": " | None"}
        return self._type(parameter) + absent.get(parameter.presence, "")

    def table(self, parameter: Parameter) -> str:
        """Return the type and the value of a parameter's table: `Parameter[str] = Parameter(...)`."""
        values = [pformat(parameter.location), pformat(parameter.name), *self._reader(parameter)]
        if parameter.required:
            values.append("required=True")
        if parameter.missing_status != 422:
            values.append(f"missing_status={parameter.missing_status}")
        if parameter.has_default:
            values.append(f"default={pformat(parameter.default)}")
        if parameter.allow_empty and not parameter.converter:
            values.append("allow_empty=True")
        name = _class_name(parameter)
        return f"{name}[{self._type(parameter)}] = {name}({', '.join(values)})"

    def _type(self, parameter: Parameter) -> str:
        if parameter.converter is None:
            return self.models.named(self.models.types[parameter.schema], parameter.schema)
        return self.models.named(text_type(parameter.converter), parameter.schema)

    def _reader(self, parameter: Parameter) -> list[str]:
        """Return the arguments that say how the value is read."""
        if parameter.converter is not None:
            name = self._type(parameter)
            if isinstance(parameter.converter, ChoiceReader) and name != text_type(parameter.converter):
                return [f"Choice(get_args({name}))"]
            return [text_converter(parameter.converter)]
        typed = f"Typed(SCHEMAS, {pformat(parameter.schema)}, {self.models.types[parameter.schema]})"
        return [typed, style(parameter.style) if parameter.style else pformat(parameter.media_type)]


def _class_name(parameter: Parameter) -> str:
    if parameter.converter is not None:
        return "Parameter"
    if parameter.location == "querystring":
        return "QuerystringParameter"
    return "ContentParameter" if parameter.media_type else "StyledParameter"
