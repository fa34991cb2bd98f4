package io.fundamentallm.tokenizers.chat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What may follow a bar: the filters of {@code jinja2/filters.py} that templates of models use. */
final class Filters {
  /** A filter's work. */
  @FunctionalInterface
  interface Filter {
    Object apply(Object value, Arguments arguments);
  }

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
      case "trim" -> (v, a) -> StringMethods.strip(Printed.str(v), a, true, true);
      case "upper" -> (v, a) -> Case.upper(Printed.str(v));
      case "lower" -> (v, a) -> Case.lower(Printed.str(v));
      case "capitalize" -> (v, a) -> Case.capitalize(Printed.str(v));
      case "title" -> (v, a) -> title(Printed.str(v));
      case "string" -> (v, a) -> Printed.str(v);
      // nothing is escaped, so all is safe
      case "safe" -> (v, a) -> Printed.str(v);
      case "replace" ->
          (v, a) ->
              StringMethods.replace(
                  Printed.str(v), a.text(0, "old"), a.text(1, "new"), a.integer(2, "count", -1), a);
      case "format" ->
          (v, a) -> PercentFormat.format(Values.text(v), PythonList.tuple(a.positional()));
      case "indent" -> (v, a) -> indent(Printed.str(v), a);
      case "tojson" -> Json::filter;
      case "default", "d" -> Filters::otherwise;
      case "int" -> (v, a) -> integer(v, a.get(0, "default", 0L));
      case "float" -> (v, a) -> decimal(v, a.get(0, "default", 0.0));
      case "abs" -> (v, a) -> isNegative(v) ? Operators.negative(v) : Operators.positive(v);
      case "length", "count" -> (v, a) -> Values.size(v);
      default -> null;
    };
  }

  private static Object otherwise(Object value, Arguments arguments) {
    boolean alsoFalse = Values.isTrue(arguments.get(1, "boolean", false));
    boolean missing = value instanceof Undefined || (alsoFalse && !Values.isTrue(value));
    return missing ? arguments.get(0, "default_value", MarkedText.EMPTY) : value;
  }

  private static boolean isNegative(Object value) {
    return Values.decimal(value) < 0;
  }

  /** The filter starts a word where the method would, but also only there. */
  private static MarkedText title(MarkedText text) {
    MarkedTextBuilder out = new MarkedTextBuilder();
    int from = 0;
    boolean between = true;
    for (int i = 0; i <= text.length(); i++) {
      boolean now = i < text.length() && isBetweenWords(text.text().charAt(i));
      if (i == text.length() || now != between) {
        MarkedText part = text.part(from, i);
        if (!part.isEmpty()) {
          int first = part.text().offsetByCodePoints(0, 1);
          out.append(Case.upper(part.part(0, first)));
          out.append(Case.lower(part.part(first, part.length())));
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
            : (MarkedText) Operators.arithmetic("*", MarkedText.of(" "), width);
    boolean first = Values.isTrue(arguments.get(1, "first", false));
    boolean blank = Values.isTrue(arguments.get(2, "blank", false));
    MarkedTextBuilder out = new MarkedTextBuilder();
    boolean start = true;
    MarkedText closed = text.plus(MarkedText.of("\n"));
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

  private static Object integer(Object value, Object otherwise) {
    if (value instanceof Double number) {
      boolean whole = !Double.isNaN(number) && !Double.isInfinite(number);
      return whole ? (Object) number.longValue() : otherwise;
    } else if (Values.isNumber(value)) {
      return Values.integer(value);
    } else if (value instanceof MarkedText text) {
      String digits = text.text().strip();
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        Object number = decimal(value, None.NONE);
        return number == None.NONE ? otherwise : integer(number, otherwise);
      }
    }
    return otherwise;
  }

  private static Object decimal(Object value, Object otherwise) {
    if (Values.isNumber(value)) {
      return Values.decimal(value);
    } else if (value instanceof MarkedText text
        && text.text().strip().matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?")) {
      return Double.parseDouble(text.text().strip());
    }
    return otherwise;
  }
}
