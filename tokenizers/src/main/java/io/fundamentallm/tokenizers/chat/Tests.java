package io.fundamentallm.tokenizers.chat;

import java.util.Map;

/** What may follow {@code is}. */
final class Tests {
  private Tests() {}

  static boolean holds(String test, Object value, Arguments arguments) {
    return switch (test) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == None.NONE;
      case "string" -> value instanceof MarkedText;
      case "boolean" -> value instanceof Boolean;
      case "true" -> value.equals(true);
      case "false" -> value.equals(false);
      case "integer" -> value instanceof Long;
      case "float" -> value instanceof Double;
      case "number" -> Values.isNumber(value);
      case "mapping" -> value instanceof Map;
      // Jinja asks for a length and an item by index, which an undefined value has as well
      case "sequence" -> isIterable(value);
      case "iterable" -> isIterable(value);
      case "callable" -> value instanceof Callable;
      case "odd" -> remainder(value, 2L) == 1;
      case "even" -> remainder(value, 2L) == 0;
      case "divisibleby" -> remainder(value, arguments.require(0, "num")) == 0;
      case "lower" -> Case.isLower(Printed.str(value));
      case "upper" -> Case.isUpper(Printed.str(value));
      case "sameas" -> value.equals(arguments.require(0, "other"));
      case "eq", "equalto", "==" -> compare("==", value, arguments);
      case "ne", "!=" -> compare("!=", value, arguments);
      case "lt", "lessthan", "<" -> compare("<", value, arguments);
      case "le", "<=" -> compare("<=", value, arguments);
      case "gt", "greaterthan", ">" -> compare(">", value, arguments);
      case "ge", ">=" -> compare(">=", value, arguments);
      case "in" -> compare("in", value, arguments);
      case "filter" -> Filters.exists(Values.text(value).text());
      default -> throw new TemplateException("unknown test '" + test + "'");
    };
  }

  private static double remainder(Object value, Object by) {
    return Values.decimal(Operators.arithmetic("%", value, by));
  }

  private static boolean isIterable(Object value) {
    return value instanceof MarkedText
        || value instanceof PythonList
        || value instanceof Map
        || value instanceof Undefined;
  }

  private static boolean compare(String operator, Object value, Arguments arguments) {
    return Operators.holds(operator, value, arguments.require(0, "other"), arguments.budget());
  }
}
