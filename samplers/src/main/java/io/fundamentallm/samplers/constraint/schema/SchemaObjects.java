package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The texts of a schema's objects: properties in the written order, then any others. */
final class SchemaObjects {
  private final SchemaCompiler compiler;
  private final JsonNotation json;
  private final Schema schema;
  private final int depth;
  private final Map<String, Schema> properties;
  private final Set<String> required;
  private final @Nullable Schema others;
  private final boolean root;

  SchemaObjects(SchemaCompiler compiler, Schema schema, int depth) {
    this.compiler = compiler;
    this.json = compiler.json;
    this.root = compiler.isRoot();
    this.schema = schema;
    this.depth = depth;
    this.properties = new LinkedHashMap<>(schema.properties());
    this.required = new LinkedHashSet<>(schema.strings("required"));
    this.others = others();
    for (String name : required) {
      properties.computeIfAbsent(name, key -> required(name));
    }
  }

  /** The schema of additional properties; null if there are none. */
  private @Nullable Schema others() {
    if (schema.has("additionalProperties")) {
      Schema additional = schema.at("additionalProperties");
      return additional.isFalse() ? null : additional;
    }
    return schema.has("properties") || schema.has("required")
        ? null
        : new Schema(true, schema.path() + "/additionalProperties");
  }

  /** A required property that is not described. */
  private Schema required(String name) {
    String path = schema.path() + "/required/" + name;
    return schema.has("additionalProperties")
        ? new Schema(schema.at("additionalProperties").value(), path)
        : new Schema(true, path);
  }

  Expression expression() {
    String contradiction = contradiction();
    if (contradiction != null) {
      return compiler.never(schema, "no object fits " + contradiction);
    }
    checkCounts();
    String name = "of " + schema.path();
    Expression first = tails(name);
    return Expression.sequence(Expression.text(json.style.open(root)), json.space(), first);
  }

  /** The keywords that leave no object; null if some are left. */
  private @Nullable String contradiction() {
    int min = schema.count("minProperties", 0);
    int max = schema.count("maxProperties", Expression.UNLIMITED);
    if (min > max) {
      return schema.written(Set.of("minProperties", "maxProperties"));
    } else if (required.size() > max) {
      return schema.written(Set.of("required", "maxProperties"));
    } else if (others == null && min > properties.size()) {
      return schema.written(Schema.OBJECT);
    }
    for (String name : required) {
      if (properties.getOrDefault(name, schema).isFalse()) {
        String required = "required: [" + JsonValues.text(name) + "], ";
        return schema.properties().containsKey(name)
            ? required + "properties: {" + JsonValues.text(name) + ": false}"
            : required + "additionalProperties: false";
      }
    }
    return null;
  }

  /** Properties that are described, and may be left out, are not counted. */
  private void checkCounts() {
    boolean counted = properties.isEmpty();
    if (!counted && schema.count("minProperties", 0) > Math.max(1, required.size())) {
      throw schema.error(
          "\"minProperties\" beside described ones is not supported above 1 and the number of"
              + " required ones");
    }
    int max = schema.count("maxProperties", Expression.UNLIMITED);
    boolean enough = others == null && max >= properties.size();
    if (schema.has("maxProperties") && !counted && !enough) {
      throw schema.error(
          "\"maxProperties\" beside described ones is not supported below the number of possible"
              + " ones");
    }
  }

  /**
   * From the last property to the first: what may follow, with and without a property before it.
   */
  private Expression tails(String name) {
    int max = schema.count("maxProperties", Expression.UNLIMITED);
    int min = schema.count("minProperties", 0);
    boolean mayBeEmpty = min == 0;
    Expression end = Expression.text(json.style.close(root));
    Expression afterOne = Expression.sequence(json.space(), end);
    Expression atFirst = mayBeEmpty ? end : Expression.NEVER;
    if (others != null && max > 0 && (json.style.isJson(root) || properties.isEmpty())) {
      Schema additional = others;
      Expression one = compiler.rule(name + " additional", () -> additional(name, additional));
      if (!json.style.isJson(root)) {
        max = 1; // then it has no other's name
        if (min > max) {
          throw schema.error("\"minProperties\" above 1 is not supported in the model's notation");
        }
      }
      Expression more =
          Expression.repeat(
              Expression.sequence(json.between(root), one),
              properties.isEmpty() ? Math.max(0, min - 1) : 0,
              max == Expression.UNLIMITED ? max : Math.max(0, max - 1));
      atFirst = Expression.anyOf(atFirst, Expression.sequence(one, more, json.space(), end));
      afterOne = Expression.sequence(more, json.space(), end);
    }
    Expression after = named(name, afterOne);
    Expression first = named(name, atFirst);
    List<String> names = new ArrayList<>(properties.keySet());
    for (int i = names.size() - 1; i >= 0; i--) {
      String property = names.get(i);
      Schema described = properties.getOrDefault(property, schema);
      Expression member =
          compiler.rule(
              name + "." + property,
              () -> member(property, json.style.name(property, root), described));
      Expression withFirst = Expression.sequence(member, after);
      Expression withOne = Expression.sequence(json.between(root), member, after);
      boolean must = required.contains(property);
      first = named(name, must ? withFirst : Expression.anyOf(withFirst, first));
      after = named(name, must ? withOne : Expression.anyOf(withOne, after));
    }
    return first;
  }

  /**
   * A member.
   *
   * @param property its name; empty for any that is not described
   * @param name as it is written
   */
  private Expression member(String property, Expression name, Schema described) {
    TaggedStyle tags = json.style.tags(root);
    return tags == null
        ? json.member(name, compiler.within(described, depth + 1), root)
        : new SchemaArguments(compiler, tags, depth).argument(property, name, described);
  }

  private Expression additional(String name, Schema described) {
    return json.style.isJson(root)
        ? json.member(json.freeName(otherName(name)), compiler.within(described, depth + 1))
        : member("", json.style.freeName(root), described);
  }

  private Expression named(String name, Expression body) {
    return compiler.rule(name, () -> body);
  }

  /** The quoted name of an additional property: not a described one, and without escapes. */
  private Expression otherName(String name) {
    if (properties.isEmpty()) {
      return new Expression.Rule("string");
    }
    List<int[]> names = new ArrayList<>();
    for (String property : properties.keySet()) {
      names.add(property.codePoints().toArray());
    }
    return Expression.sequence(Expression.text("\""), unlike(names, 0, name));
  }

  /** The rest of a name that begins like these names, with the closing quote. */
  private Expression unlike(List<int[]> names, int at, String name) {
    if (at > Limits.NESTING) {
      throw Limits.exceeded(schema.path(), Limits.NESTING, "characters of a property's name");
    }
    boolean isName = false;
    Set<ImmutableRangeSet<Integer>> next = new HashSet<>();
    Map<Integer, List<int[]>> longer = new TreeMap<>();
    for (int[] one : names) {
      if (one.length == at) {
        isName = true;
      } else {
        next.add(Utf8.set(one[at]));
        longer.computeIfAbsent(one[at], key -> new ArrayList<>()).add(one);
      }
    }
    ImmutableRangeSet<Integer> plain = Utf8.not(json.style.escaped());
    Expression quote = Expression.text("\"");
    List<Expression> alternatives = new ArrayList<>();
    alternatives.add(
        Expression.sequence(
            Utf8.of(plain.difference(Utf8.union(next))), Expression.many(Utf8.of(plain)), quote));
    if (!isName) {
      alternatives.add(quote);
    }
    longer.forEach(
        (c, rest) -> {
          if (plain.contains(c)) {
            alternatives.add(Expression.sequence(Utf8.of(Utf8.set(c)), unlike(rest, at + 1, name)));
          }
        });
    return compiler.rule(name + " unlike", () -> Expression.anyOf(alternatives));
  }
}
