package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One schema for what two schemas both allow. */
final class SchemaMerge {
  /** Alternatives of one schema times those of the other. */
  private static final int ALTERNATIVES = 256;

  /** A few lines can ask for more than there is time for: {@code allOf} with the next one twice. */
  private static final int MERGES = 100_000;

  /** Keywords, properties and values to look at while combining schemas. */
  private static final int PARTS = 500_000;

  private final SchemaCompiler compiler;

  /** The schemas that were made here, by identity. */
  private final Set<Object> made = Collections.newSetFromMap(new IdentityHashMap<>());

  private int merges;
  private long parts;

  SchemaMerge(SchemaCompiler compiler) {
    this.compiler = compiler;
  }

  /** Whether a schema was combined from others, rather than written. */
  boolean isMerged(Schema schema) {
    return made.contains(schema.value());
  }

  /** Lets a schema count as combined in another compiler, too. */
  void copyTo(SchemaMerge other, Schema schema) {
    if (isMerged(schema)) {
      other.made.add(schema.value());
    }
  }

  /** A part of a schema; counts as combined if the schema does. */
  Schema like(Schema schema, Schema part) {
    if (isMerged(schema)) {
      made.add(part.value());
    }
    return part;
  }

  Schema of(Schema one, Schema other, int depth) {
    if (depth > Limits.NESTING / 2) {
      throw Limits.exceeded(one.path(), Limits.NESTING / 2, "combined schemas within each other");
    }
    one.refuseUnsupported();
    other.refuseUnsupported();
    if (one.isFalse() || other.isFalse()) {
      return new Schema(false, one.path());
    } else if (!other.constrains()) {
      return one;
    } else if (!one.constrains()) {
      return other;
    }
    if (++merges > MERGES) {
      throw Limits.exceeded(one.path(), MERGES, "combinations of two schemas");
    }
    charge(one, one.keywords().size() + other.keywords().size());
    Schema a = expanded(one, depth);
    Schema b = expanded(other, depth);
    if (a.isFalse() || b.isFalse()) {
      return new Schema(false, one.path());
    }
    Map<Object, Object> both = new LinkedHashMap<>(a.keywords());
    b.keywords().forEach((key, value) -> both.merge(key, value, (x, y) -> y));
    for (Object key : b.keywords().keySet()) {
      if (a.has((String) key)) {
        both.put(key, combined((String) key, a, b, depth));
      }
    }
    if (a.hasAny(Schema.OBJECT) && b.hasAny(Schema.OBJECT)) {
      objects(a, b, both, depth);
    }
    if (a.hasAny(Schema.ARRAY) && b.hasAny(Schema.ARRAY)) {
      arrays(a, b, both, depth);
    }
    made.add(both);
    return new Schema(both, one.path());
  }

  private void charge(Schema schema, long more) {
    Interruption.check();
    parts += more;
    if (parts > PARTS) {
      throw Limits.exceeded(schema.path(), PARTS, "parts of schemas that are combined");
    }
  }

  /**
   * One schema for what all of them allow. They are combined in pairs, and the results likewise:
   * going one by one would revisit the first one's properties for each that follows.
   */
  Schema all(List<Schema> schemas, int depth) {
    int n = schemas.size();
    return n == 1
        ? schemas.get(0)
        : of(all(schemas.subList(0, n / 2), depth), all(schemas.subList(n / 2, n), depth), depth);
  }

  /** A schema that has allOf, rewritten without allOf at its top. */
  Schema all(Schema schema, int depth) {
    List<Schema> parts = new ArrayList<>(List.of(schema.without("allOf")));
    parts.addAll(schema.schemas("allOf"));
    return all(parts, depth);
  }

  /** Without a reference or allOf at its top. */
  private Schema expanded(Schema schema, int depth) {
    Schema expanded = schema;
    if (schema.has("$ref")) {
      expanded = of(compiler.target(schema), schema.without("$ref"), depth + 1);
    } else if (schema.has("allOf")) {
      expanded = all(schema, depth + 1);
    }
    return expanded.has("$ref") || expanded.has("allOf") ? expanded(expanded, depth + 1) : expanded;
  }

  private Object combined(String key, Schema a, Schema b, int depth) {
    Object x = value(a, key);
    Object y = value(b, key);
    return switch (key) {
      case "type" -> types(a.types(), b.types());
      case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties" ->
          larger(a, b, key);
      case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties" ->
          x.equals(larger(a, b, key)) ? y : x;
      case "uniqueItems" -> a.flag(key) || b.flag(key);
      case "required" -> {
        Set<String> names = new LinkedHashSet<>(a.strings(key));
        names.addAll(b.strings(key));
        charge(a, names.size());
        yield new ArrayList<>(names);
      }
      case "enum" -> {
        List<Object> values = new ArrayList<>();
        if (x instanceof List<?> left && y instanceof List<?> right) {
          charge(a, left.size() + right.size());
          Set<Object> known = new HashSet<>(right);
          left.stream().filter(known::contains).forEach(values::add);
        }
        yield values;
      }
      case "anyOf", "oneOf" -> product(a.schemas(key), b.schemas(key), depth);
      case "pattern", "format", "multipleOf", "const" -> {
        if (!x.equals(y)) {
          throw a.error("two different values of \"" + key + "\" cannot be combined");
        }
        yield x;
      }
      default -> x; // an annotation, or combined below
    };
  }

  private static Object value(Schema schema, String key) {
    Object value = schema.get(key);
    if (value == null) {
      throw schema.error("\"" + key + "\" is missing");
    }
    return value;
  }

  private static Object larger(Schema a, Schema b, String key) {
    if (a.get(key) instanceof Boolean) {
      throw a.error("\"" + key + "\": true cannot be combined; write the bound itself");
    }
    BigDecimal x = a.number(key);
    BigDecimal y = b.number(key);
    return x == null || (y != null && y.compareTo(x) > 0) ? value(b, key) : x;
  }

  private static List<String> types(List<String> a, List<String> b) {
    List<String> both = new ArrayList<>();
    for (String type : a) {
      if (b.contains(type) || (type.equals("integer") && b.contains("number"))) {
        both.add(type);
      } else if (type.equals("number") && b.contains("integer")) {
        both.add("integer");
      }
    }
    return both;
  }

  private List<Object> product(List<Schema> left, List<Schema> right, int depth) {
    if ((long) left.size() * right.size() > ALTERNATIVES) {
      throw Limits.exceeded("combined alternatives", ALTERNATIVES, "pairs");
    }
    List<Object> all = new ArrayList<>();
    for (Schema a : left) {
      for (Schema b : right) {
        all.add(of(a, b, depth + 1).value());
      }
    }
    return all;
  }

  /** A property must satisfy both schemas, as their own or as an additional one. */
  private void objects(Schema a, Schema b, Map<Object, Object> both, int depth) {
    Map<String, Schema> left = a.properties();
    Map<String, Schema> right = b.properties();
    Set<String> names = new LinkedHashSet<>(left.keySet());
    names.addAll(right.keySet());
    charge(a, names.size());
    Map<String, Object> properties = new LinkedHashMap<>();
    for (String name : names) {
      Schema x = left.getOrDefault(name, additional(a));
      Schema y = right.getOrDefault(name, additional(b));
      properties.put(name, of(x, y, depth + 1).value());
    }
    if (!names.isEmpty()) {
      both.put("properties", properties);
    }
    if (a.has("additionalProperties") || b.has("additionalProperties")) {
      both.put("additionalProperties", of(additional(a), additional(b), depth + 1).value());
    }
  }

  private static Schema additional(Schema schema) {
    return schema.has("additionalProperties")
        ? schema.at("additionalProperties")
        : new Schema(true, schema.path());
  }

  private void arrays(Schema a, Schema b, Map<Object, Object> both, int depth) {
    List<Schema> left = SchemaArrays.prefix(a);
    List<Schema> right = SchemaArrays.prefix(b);
    charge(a, left.size() + right.size());
    List<Object> prefix = new ArrayList<>();
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      Schema x = i < left.size() ? left.get(i) : SchemaArrays.others(a);
      Schema y = i < right.size() ? right.get(i) : SchemaArrays.others(b);
      prefix.add(of(x, y, depth + 1).value());
    }
    both.put("items", of(SchemaArrays.others(a), SchemaArrays.others(b), depth + 1).value());
    both.remove("additionalItems");
    if (!prefix.isEmpty()) {
      both.put("prefixItems", prefix);
    }
  }
}
