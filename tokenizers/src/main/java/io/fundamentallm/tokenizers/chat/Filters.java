package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.Case;
import io.fundamentallm.tokenizers.chat.value.MarkedText;
import io.fundamentallm.tokenizers.chat.value.MarkedTextBuilder;
import io.fundamentallm.tokenizers.chat.value.None;
import io.fundamentallm.tokenizers.chat.value.Operators;
import io.fundamentallm.tokenizers.chat.value.PercentFormat;
import io.fundamentallm.tokenizers.chat.value.PythonFormat;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.Splitting;
import io.fundamentallm.tokenizers.chat.value.StringMethods;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import io.fundamentallm.tokenizers.chat.value.Values;
import io.fundamentallm.tokenizers.chat.value.Whitespace;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What may follow a bar: the filters of {@code jinja2/filters.py} that models' templates use. */
final class Filters {
  /** A filter's work. */
  @FunctionalInterface
  interface Filter {
    Object apply(Object value, Arguments arguments);
  }

  /** What {@code float} reads; each part takes all it can, so no text is read twice. */
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d++\\.?\\d*+|\\.\\d++)([eE][+-]?\\d++)?");

  private Filters() {}

  static Object apply(String name, Object value, Arguments arguments) {
    Filter filter = named(name);
    if (filter == null) {
      throw new TemplateException("unknown filter '" + name + "'");
    }
    return filter.apply(value, arguments);
  }

  static boolean exists(String name) {
    return named(name) != null;
  }

  private static @Nullable Filter named(String name) {
    Filter filter = ofScalars(name);
    return filter == null ? ListFilters.named(name) : filter;
  }

  private static @Nullable Filter ofScalars(String name) {
    return switch (name) {
      case "trim" -> (v, a) -> StringMethods.strip(text(v, a), a, true, true);
      case "upper" -> (v, a) -> Case.upper(text(v, a), a.budget());
      case "lower" -> (v, a) -> Case.lower(text(v, a), a.budget());
      case "capitalize" -> (v, a) -> Case.capitalize(text(v, a), a.budget());
      case "title" -> (v, a) -> title(text(v, a), a.budget());
      case "string" -> Filters::text;
      // nothing is escaped, so all is safe
      case "safe" -> Filters::text;
      case "replace" ->
          (v, a) ->
              StringMethods.replace(
                  text(v, a), a.text(0, "old"), a.text(1, "new"), a.integer(2, "count", -1), a);
      case "format" ->
          (v, a) ->
              PercentFormat.format(Values.text(v), PythonList.tuple(a.positional()), a.budget());
      case "indent" -> (v, a) -> indent(text(v, a), a);
      case "tojson" -> TemplateJson::filter;
      case "default", "d" -> Filters::orDefault;
      case "int" -> (v, a) -> integer(v, a.get(0, "default", 0L), a.budget());
      case "float" -> (v, a) -> decimal(v, a.get(0, "default", 0.0), a.budget());
      case "abs" -> (v, a) -> isNegative(v) ? Operators.negative(v) : Operators.positive(v);
      case "length", "count" -> (v, a) -> Values.size(v, a.budget());
      default -> null;
    };
  }

  private static MarkedText text(Object value, Arguments arguments) {
    return PythonFormat.str(value, arguments.budget());
  }

  private static Object orDefault(Object value, Arguments arguments) {
    boolean alsoFalse = Values.isTrue(arguments.get(1, "boolean", false));
    boolean missing = value instanceof Undefined || (alsoFalse && !Values.isTrue(value));
    return missing ? arguments.get(0, "default_value", MarkedText.EMPTY) : value;
  }

  private static boolean isNegative(Object value) {
    return Values.decimal(value) < 0;
  }

  /** The filter starts a word where the method would, and only there. */
  private static MarkedText title(MarkedText text, TemplateBudget budget) {
    budget.spend(text.length());
    MarkedTextBuilder out = new MarkedTextBuilder(budget);
    int from = 0;
    boolean between = true;
    for (int i = 0; i <= text.length(); i++) {
      boolean now = i < text.length() && isBetweenWords(text.text().charAt(i));
      if (i == text.length() || now != between) {
        MarkedText part = text.part(from, i);
        if (!part.isEmpty()) {
          int first = part.text().offsetByCodePoints(0, 1);
          out.append(Case.upper(part.part(0, first), budget));
          out.append(Case.lower(part.part(first, part.length()), budget));
        }
        from = i;
        between = now;
      }
    }
    return out.build();
  }

  private static boolean isBetweenWords(char c) {
    return Whitespace.is(c) || "-({[<".indexOf(c) >= 0;
  }

  private static MarkedText indent(MarkedText text, Arguments arguments) {
    Object width = arguments.get(0, "width", 4L);
    MarkedText indent =
        width instanceof MarkedText given
            ? given
            : (MarkedText) Operators.arithmetic("*", MarkedText.of(" "), width, arguments.budget());
    boolean first = Values.isTrue(arguments.get(1, "first", false));
    boolean blank = Values.isTrue(arguments.get(2, "blank", false));
    MarkedTextBuilder out = new MarkedTextBuilder(arguments.budget());
    boolean start = true;
    MarkedText closed = text.plus(MarkedText.of("\n"), arguments.budget());
    Arguments none = new Arguments(PythonList.list(List.of()), Map.of(), arguments.budget());
    for (Object line : Splitting.lines(closed, none)) {
      if (!start) {
        out.append("\n");
      }
      MarkedText content = (MarkedText) line;
      if (start ? first : blank || !content.isEmpty()) {
        out.append(indent);
      }
      out.append(content);
      start = false;
    }
    return out.build();
  }

  private static Object integer(Object value, Object defaultValue, TemplateBudget budget) {
    if (value instanceof Double number) {
      boolean finite = !Double.isNaN(number) && !Double.isInfinite(number);
      return finite ? (Object) number.longValue() : defaultValue;
    } else if (value instanceof BigInteger) {
      return value;
    } else if (Values.isNumber(value)) {
      return Values.integer(value);
    } else if (value instanceof MarkedText text) {
      budget.spend(text.length());
      String digits = text.text().strip();
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        Object number = decimal(value, None.NONE, budget);
        return number == None.NONE ? defaultValue : integer(number, defaultValue, budget);
      }
    }
    return defaultValue;
  }

  private static Object decimal(Object value, Object defaultValue, TemplateBudget budget) {
    if (Values.isNumber(value)) {
      return Values.decimal(value);
    } else if (value instanceof MarkedText text) {
      budget.spend(TemplateBudget.FORMAT + 4L * text.length());
      String digits = text.text().strip();
      return DECIMAL.matcher(digits).matches() ? (Object) Double.parseDouble(digits) : defaultValue;
    }
    return defaultValue;
  }
}
