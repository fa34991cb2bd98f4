package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.samplers.constraint.grammar.Expression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arrays whose items are all different, if there are only a few possible values. */
final class DistinctItems {
  /** One rule for each set of remaining values: 1,024 at most. */
  private static final int VALUES = 10;

  private final SchemaCompiler compiler;
  private final Schema schema;
  private final int depth;
  private final Map<Integer, Expression> rules = new HashMap<>();
  private List<Expression> values = List.of();

  DistinctItems(SchemaCompiler compiler, Schema schema, int depth) {
    this.compiler = compiler;
    this.schema = schema;
    this.depth = depth;
  }

  /** The arrays; null if there are more than a few possible values. */
  @Nullable Expression expression(int min, int max) {
    List<Object> items = items();
    if (items == null || items.size() > VALUES || !SchemaArrays.prefix(schema).isEmpty()) {
      return null;
    }
    if (items.size() < min) {
      return compiler.never(schema, SchemaArrays.NO_ARRAY + schema.written(Schema.ARRAY));
    }
    values = new ArrayList<>();
    for (Object item : items) {
      Schema one = new Schema(Map.of("const", item), schema.path() + "/items");
      values.add(compiler.within(one, depth + 1));
    }
    return Expression.sequence(
        Expression.text("["), compiler.json.space(), rest((1 << items.size()) - 1, 0, min, max));
  }

  private @Nullable List<Object> items() {
    Schema item = SchemaArrays.others(schema);
    if (item.has("$ref") && item.keywords().size() == 1) {
      item = compiler.target(item);
    }
    if (item.without("enum", "type").constrains()) {
      return null;
    }
    List<Object> items = new ArrayList<>();
    if (item.get("enum") instanceof List<?> list) {
      for (Object value : list) {
        if (!items.contains(value)
            && (!item.has("type")
                || item.types().stream().anyMatch(type -> JsonValues.isOfType(value, type)))) {
          items.add(value);
        }
      }
      return items;
    }
    return item.has("type") && item.types().equals(List.of("boolean"))
        ? List.of(true, false)
        : null;
  }

  /** What follows some items. */
  private Expression rest(int left, int taken, int min, int max) {
    Expression known = rules.get(left);
    if (known != null) {
      return known;
    }
    List<Expression> alternatives = new ArrayList<>();
    if (taken >= min) {
      alternatives.add(
          taken == 0
              ? Expression.text("]")
              : Expression.sequence(compiler.json.space(), Expression.text("]")));
    }
    for (int i = 0; i < values.size() && taken < max; i++) {
      if ((left >> i & 1) != 0) {
        Expression rest = rest(left & ~(1 << i), taken + 1, min, max);
        alternatives.add(
            taken == 0
                ? Expression.sequence(values.get(i), rest)
                : Expression.sequence(compiler.json.comma(), values.get(i), rest));
      }
    }
    Expression rule =
        compiler.rule(schema.path() + " distinct", () -> Expression.anyOf(alternatives));
    rules.put(left, rule);
    return rule;
  }
}
