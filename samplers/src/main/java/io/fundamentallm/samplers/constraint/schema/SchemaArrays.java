package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.samplers.constraint.grammar.Expression;
import java.util.List;

/** The texts of a schema's arrays. */
final class SchemaArrays {
  static final String NO_ARRAY = "no array fits ";

  private final SchemaCompiler compiler;
  private final JsonNotation json;
  private final Schema schema;
  private final int depth;

  SchemaArrays(SchemaCompiler compiler, Schema schema, int depth) {
    this.compiler = compiler;
    this.json = compiler.json;
    this.schema = schema;
    this.depth = depth;
  }

  /** The schemas of the first items; draft 4 to 2019 wrote them as an array of items. */
  static List<Schema> prefix(Schema schema) {
    if (schema.has("prefixItems")) {
      return schema.schemas("prefixItems");
    }
    return schema.get("items") instanceof List<?> ? schema.schemas("items") : List.of();
  }

  /** The schema of all other items. */
  static Schema others(Schema schema) {
    if (schema.get("items") instanceof List<?>) {
      return schema.has("additionalItems")
          ? schema.at("additionalItems")
          : new Schema(false, schema.path() + "/additionalItems");
    } else if (schema.has("items")) {
      return schema.at("items");
    }
    return new Schema(!schema.has("prefixItems"), schema.path() + "/items");
  }

  Expression expression() {
    int min = schema.count("minItems", 0);
    int max = schema.count("maxItems", Expression.UNLIMITED);
    List<Schema> prefix = prefix(schema);
    if (max < min || (min > prefix.size() && others(schema).isFalse())) {
      return compiler.never(schema, NO_ARRAY + schema.written(Schema.ARRAY));
    }
    Expression item = compiler.within(others(schema), depth + 1);
    if (schema.flag("uniqueItems") && max > 1) {
      Expression distinct = new DistinctItems(compiler, schema, depth).expression(min, max);
      if (distinct != null) {
        return distinct;
      }
    }
    return prefix.isEmpty() ? json.array(item, min, max) : tuple(prefix, item, min, max);
  }

  private Expression tuple(List<Schema> prefix, Expression item, int min, int max) {
    int n = prefix.size();
    Expression close = Expression.sequence(json.space(), Expression.text("]"));
    Expression tail = close;
    if (max > n) {
      int limit = max == Expression.UNLIMITED ? max : max - n;
      Expression more =
          Expression.repeat(Expression.sequence(json.comma(), item), Math.max(0, min - n), limit);
      tail = Expression.sequence(more, close);
    }
    for (int i = Math.min(n, max) - 1; i >= 0; i--) {
      Expression rest = tail;
      Expression value = compiler.within(prefix.get(i), depth + 1);
      Expression with =
          i == 0
              ? Expression.sequence(value, rest)
              : Expression.sequence(json.comma(), value, rest);
      Expression without = i == 0 ? Expression.text("]") : close;
      Expression body = i >= min ? Expression.anyOf(without, with) : with;
      tail = compiler.rule(schema.path() + " from " + i, () -> body);
    }
    Expression items = max == 0 ? Expression.text("]") : tail;
    return Expression.sequence(Expression.text("["), json.space(), items);
  }
}
