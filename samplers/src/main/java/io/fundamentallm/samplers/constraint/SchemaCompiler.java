package io.fundamentallm.samplers.constraint;

import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Turns a JSON Schema into a {@link Grammar}, as {@link JsonSchemaConstraint} documents it. */
final class SchemaCompiler {
  /** Schemas that are compiled, those that merging makes included. */
  private static final int SCHEMAS = 20_000;

  final JsonNotation json;

  private final Schema document;
  private final SchemaMerge merge = new SchemaMerge(this);
  private int schemas;
  private int names;

  private SchemaCompiler(Schema document, int spaces) {
    this.document = document;
    this.json = new JsonNotation(spaces, true);
  }

  static Grammar compile(String schema, int spaces) {
    Schema document = new Schema(JsonValues.read(schema), "#");
    SchemaCompiler compiler = new SchemaCompiler(document, spaces);
    Expression root = compiler.expression(document, 0);
    compiler.json.rules.put("root", root);
    return new Grammar(compiler.json.rules, "root");
  }

  /** The texts of all valid values. */
  Expression expression(Schema schema, int depth) {
    if (depth > Limits.NESTING) {
      throw Limits.exceeded(schema.path(), Limits.NESTING, "schemas within each other");
    }
    if (++schemas > SCHEMAS) {
      throw Limits.exceeded("the schema", SCHEMAS, "schemas once combined");
    }
    schema.refuseUnsupported();
    if (schema.isFalse()) {
      return Expression.NEVER;
    } else if (schema.has("$ref")) {
      Schema rest = schema.without("$ref");
      return rest.constrains()
          ? expression(merge.of(target(schema), rest, depth), depth + 1)
          : reference(schema, depth);
    } else if (schema.has("allOf")) {
      Schema all = schema.without("allOf");
      for (Schema part : schema.schemas("allOf")) {
        all = merge.of(all, part, depth);
      }
      return expression(all, depth + 1);
    } else if (schema.has("anyOf") || schema.has("oneOf")) {
      String keyword = schema.has("anyOf") ? "anyOf" : "oneOf";
      Schema rest = schema.without(keyword);
      List<Expression> branches = new ArrayList<>();
      for (Schema branch : schema.schemas(keyword)) {
        Schema both = rest.constrains() ? merge.of(rest, branch, depth) : branch;
        branches.add(expression(both, depth + 1));
      }
      return Expression.anyOf(branches);
    } else if (schema.has("enum") || schema.has("const")) {
      return values(schema, depth);
    }
    return schema.constrains() ? typed(schema, depth) : json.value();
  }

  private Expression typed(Schema schema, int depth) {
    List<Expression> kinds = new ArrayList<>();
    for (String type : schema.types()) {
      kinds.add(
          switch (type) {
            case "object" ->
                rule(schema.path(), () -> new SchemaObjects(this, schema, depth).expression());
            case "array" ->
                rule(schema.path(), () -> new SchemaArrays(this, schema, depth).expression());
            case "string" -> SchemaStrings.expression(this, schema);
            case "number", "integer" -> SchemaNumbers.expression(this, schema, type);
            case "boolean" -> Expression.words(List.of("true", "false"));
            default -> Expression.text("null");
          });
    }
    return Expression.anyOf(kinds);
  }

  /** The values that a schema lists and that are valid by what else it says. */
  private Expression values(Schema schema, int depth) {
    Schema rest = schema.without("enum", "const");
    List<Object> values = new ArrayList<>();
    if (schema.has("enum")) {
      if (!(schema.get("enum") instanceof List<?> list)) {
        throw schema.bad("enum", "an array");
      }
      values.addAll(list);
    }
    Object constant = schema.get("const");
    if (constant != null) {
      if (!schema.has("enum") || values.contains(constant)) {
        values = List.of(constant);
      } else {
        values = List.of();
      }
    }
    List<String> types = rest.has("type") ? rest.types() : List.of();
    boolean typedOnly = !rest.without("type").constrains();
    Set<String> scalars = new LinkedHashSet<>();
    List<Expression> texts = new ArrayList<>();
    for (Object value : values) {
      boolean ofType =
          types.isEmpty() || types.stream().anyMatch(type -> JsonValues.isOfType(value, type));
      if (!ofType || (!typedOnly && !isValid(rest, value, depth))) {
        continue;
      }
      if (value instanceof Map<?, ?> || value instanceof List<?>) {
        texts.add(JsonValues.literal(value, json));
      } else {
        scalars.add(JsonValues.scalar(value));
      }
    }
    if (!scalars.isEmpty()) {
      texts.add(Expression.words(scalars));
    }
    return Expression.anyOf(texts);
  }

  private boolean isValid(Schema rest, Object value, int depth) {
    if (value instanceof Map<?, ?> || value instanceof List<?>) {
      throw rest.error("\"enum\" of objects or arrays beside other keywords is not supported");
    }
    // keywords say nothing of values of other types than their own
    Map<Object, Object> applying = new LinkedHashMap<>(rest.keywords());
    applying
        .keySet()
        .removeIf(
            key ->
                (Schema.OBJECT.contains(key) || Schema.ARRAY.contains(key))
                    || (Schema.STRING.contains(key) && !(value instanceof String))
                    || (Schema.NUMBER.contains(key) && !(value instanceof BigDecimal)));
    Map<String, Expression> rules = new LinkedHashMap<>(json.rules);
    rules.put("valid", expression(new Schema(applying, rest.path()), depth + 1));
    rules.putAll(json.rules);
    try {
      return Program.accepts(new Grammar(rules, "valid"), JsonValues.scalar(value));
    } catch (IllegalArgumentException e) {
      throw rest.error("\"enum\" cannot be combined with its other keywords: " + e.getMessage());
    }
  }

  /** A name that no other rule has. */
  String name(String what) {
    return what + " " + names++;
  }

  /** A rule of its own for what may be large. */
  Expression rule(String name, Supplier<Expression> body) {
    String unique = name(name);
    json.rules.put(unique, Expression.NEVER);
    json.rules.put(unique, body.get());
    return new Expression.Rule(unique);
  }

  /** The schema that a reference means, compiled once. */
  private Expression reference(Schema schema, int depth) {
    Schema target = target(schema);
    if (!json.rules.containsKey(target.path())) {
      json.rules.put(target.path(), Expression.NEVER); // known before it is compiled: it may recur
      json.rules.put(target.path(), expression(target, depth + 1));
    }
    return new Expression.Rule(target.path());
  }

  /** What {@code $ref} points at. */
  Schema target(Schema schema) {
    String reference = schema.string("$ref");
    if (reference == null || !reference.startsWith("#")) {
      throw schema.bad("$ref", "a reference within the document, such as #/$defs/name");
    }
    Object at = document.value();
    String[] names = reference.substring(1).split("/", -1);
    for (int i = 1; i < names.length; i++) {
      String name =
          URLDecoder.decode(names[i].replace("+", "%2B"), StandardCharsets.UTF_8)
              .replace("~1", "/")
              .replace("~0", "~");
      Object next = null;
      if (at instanceof Map<?, ?> map) {
        next = map.get(name);
      } else if (at instanceof List<?> list && name.matches("[0-9]{1,9}")) {
        int index = Integer.parseInt(name);
        next = index < list.size() ? list.get(index) : null;
      }
      if (next == null) {
        throw schema.error("$ref \"" + reference + "\" points at nothing");
      }
      at = next;
    }
    if (!names[0].isEmpty()) {
      throw schema.bad("$ref", "# or a path that begins with #/ (anchors are not supported)");
    }
    return new Schema(at, reference);
  }
}
