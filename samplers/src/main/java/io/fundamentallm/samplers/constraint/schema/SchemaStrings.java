package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.GrammarCheck;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import io.fundamentallm.samplers.constraint.regex.RegexParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The texts of a schema's strings. */
final class SchemaStrings {
  /** Four digits, without 0000, which RFC 3339 allows and ISO 8601 leaves to agreement. */
  private static final String YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)";

  private static final String DATE =
      "(?:"
          + YEAR
          + "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
          + "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])"
          + "|(?:0[48]|[2468][048]|[13579][26])00)-02-29)";

  /**
   * The offset is one that java.time allows: up to 18 hours, while RFC 3339 allows up to 23:59. Its
   * -00:00 for an unknown one is left out: ISO 8601 and some validators lack it.
   */
  private static final String TIME =
      "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?"
          + "(?:Z|[+-](?:(?:0[1-9]|1[0-7]):[0-5][0-9]|18:00|00:(?:0[1-9]|[1-5][0-9]))|\\+00:00)";

  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

  /** RFC 3339, RFC 9562, the usual part of RFC 5321, RFC 2673. */
  private static final Map<String, String> FORMATS =
      Map.of(
          "date",
          DATE,
          "time",
          TIME,
          "date-time",
          DATE + "T" + TIME,
          "uuid",
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
          "email",
          "[A-Za-z0-9_]{1,16}(?:[.+-][A-Za-z0-9_]{1,15}){0,2}@(?:"
              + LABEL
              + "\\.){1,3}[A-Za-z]{2,12}",
          "ipv4",
          OCTET + "(?:\\." + OCTET + "){3}");

  private static final String NO_STRING = "no string fits ";

  private SchemaStrings() {}

  static Expression expression(SchemaCompiler compiler, Schema schema) {
    ValueStyle style = compiler.json.style;
    int min = schema.count("minLength", 0);
    int max = schema.count("maxLength", Expression.UNLIMITED);
    if (max < min) {
      return compiler.never(schema, NO_STRING + schema.written(Set.of("minLength", "maxLength")));
    }
    boolean measured = min > 0 || max != Expression.UNLIMITED;
    String pattern = schema.string("pattern");
    String format = FORMATS.get(String.valueOf(schema.string("format")));
    if (pattern == null && format == null) {
      if (min == 1 && max == Expression.UNLIMITED) {
        return style.notEmptyString();
      }
      return measured
          ? style.string(Expression.repeat(style.character(), min, max))
          : style.anyString();
    }
    List<Expression> parts = new ArrayList<>();
    if (pattern != null) {
      parts.add(read(compiler, schema, pattern));
    }
    if (format != null) {
      parts.add(RegexParser.matching(format, compiler.strings));
    }
    if (measured) {
      parts.add(Expression.repeat(style.canonical(Utf8.ALL), min, max));
    }
    Expression all = parts.get(0);
    for (Expression part : parts.subList(1, parts.size())) {
      all = Intersection.of(compiler, schema, all, part);
    }
    return GrammarCheck.canEnd(all, compiler.json.rules)
        ? style.string(all)
        : compiler.never(schema, NO_STRING + schema.written(Schema.STRING));
  }

  private static Expression read(SchemaCompiler compiler, Schema schema, String pattern) {
    try {
      return RegexParser.anywhere(pattern, compiler.strings);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(schema.path() + "/pattern, " + e.getMessage(), e);
    }
  }
}
