package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.Callable;
import io.fundamentallm.tokenizers.chat.value.Case;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.Operators;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import io.fundamentallm.tokenizers.chat.value.Values;
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
      case "integer" -> Values.isInteger(value);
      case "float" -> value instanceof Double;
      case "number" -> Values.isNumber(value);
      case "mapping" -> value instanceof Map;
      // Jinja asks for a length and an item by index, which an undefined value has as well
      case "sequence" -> isIterable(value);
      case "iterable" -> isIterable(value);
      case "callable" -> value instanceof Callable;
      case "odd" -> remainder(value, 2L, arguments.budget()) == 1;
      case "even" -> remainder(value, 2L, arguments.budget()) == 0;
      case "divisibleby" -> remainder(value, arguments.require(0, "num"), arguments.budget()) == 0;
      case "lower" -> Case.isLower(PythonFormat.str(value, arguments.budget()), arguments.budget());
      case "upper" -> Case.isUpper(PythonFormat.str(value, arguments.budget()), arguments.budget());
      case "sameas" -> isSame(value, arguments.require(0, "other"), arguments.budget());
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

  private static double remainder(Object value, Object by, TemplateBudget budget) {
    return Values.decimal(Operators.arithmetic("%", value, by, budget));
  }

  /** Python's {@code is}: lists and dicts are told apart, equal or not. */
  private static boolean isSame(Object value, Object other, TemplateBudget budget) {
    if (value instanceof PythonList
        || value instanceof Map
        || value.getClass() != other.getClass()) {
      return value == other;
    }
    return Values.equal(value, other, budget);
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
