package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.internal.json.Excerpt;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.spi.NearestName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema, or a part of one, with typed access to its keywords. Immutable.
 *
 * @param value a {@link Map} of keywords, or a {@link Boolean}
 * @param path where it is, as a JSON pointer, for errors and as a name
 */
record Schema(Object value, String path) {
  static final Set<String> OBJECT =
      Set.of("properties", "required", "additionalProperties", "minProperties", "maxProperties");
  static final Set<String> ARRAY =
      Set.of("items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems");
  static final Set<String> STRING = Set.of("pattern", "minLength", "maxLength", "format");
  static final Set<String> NUMBER =
      Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
  private static final Set<String> ANY =
      Set.of("type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf");

  /** All keywords that affect validity. */
  static final Set<String> ALL =
      Stream.of(OBJECT, ARRAY, STRING, NUMBER, ANY)
          .flatMap(Set::stream)
          .collect(Collectors.toUnmodifiableSet());

  static final List<String> TYPES =
      List.of("object", "array", "string", "number", "integer", "boolean", "null");

  private static final Set<String> REFUSED =
      Set.of(
          "not",
          "if",
          "then",
          "else",
          "patternProperties",
          "propertyNames",
          "dependencies",
          "dependentRequired",
          "dependentSchemas",
          "contains",
          "minContains",
          "maxContains",
          "unevaluatedItems",
          "unevaluatedProperties",
          "$dynamicRef",
          "$recursiveRef");

  /** Characters of a keyword's value in an error. */
  private static final int LONGEST_VALUE = 80;

  /**
   * Characters of a path. Otherwise a long name would be copied into the path of each schema below
   * it.
   */
  private static final int LONGEST = 400;

  Schema {
    path = Excerpt.ofEnds(path, LONGEST);
    if (!(value instanceof Map<?, ?>) && !(value instanceof Boolean)) {
      throw new IllegalArgumentException(path + ": a schema is an object, true or false");
    }
  }

  boolean isFalse() {
    return Boolean.FALSE.equals(value);
  }

  /** The keywords; none of true and false. */
  Map<?, ?> keywords() {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  boolean has(String keyword) {
    return keywords().containsKey(keyword);
  }

  @Nullable Object get(String keyword) {
    return keywords().get(keyword);
  }

  boolean hasAny(Set<String> names) {
    return names.stream().anyMatch(this::has);
  }

  /** Whether anything in it affects validity. */
  boolean constrains() {
    return isFalse() || (!keywords().isEmpty() && hasAny(ALL));
  }

  IllegalArgumentException error(String message) {
    return new IllegalArgumentException(path + ": " + message);
  }

  IllegalArgumentException bad(String keyword, String expected) {
    return new IllegalArgumentException(
        path + "/" + keyword + " is not " + expected + "; it is " + shown(get(keyword)));
  }

  private static String shown(@Nullable Object value) {
    return Excerpt.of(JsonValues.text(value), LONGEST_VALUE);
  }

  /** Those of these keywords that it has, as written, for an error. */
  String written(Collection<String> names) {
    StringBuilder text = new StringBuilder();
    for (Object name : keywords().keySet()) {
      if (name instanceof String keyword && names.contains(keyword)) {
        text.append(text.isEmpty() ? "" : ", ").append(keyword).append(": ");
        text.append(shown(get(keyword)));
      }
    }
    return text.toString();
  }

  /** Refuses keywords that would have to be obeyed. */
  void refuseUnsupported() {
    for (Object keyword : keywords().keySet()) {
      if (REFUSED.contains(keyword)) {
        throw error("the keyword \"" + keyword + "\" is not supported");
      }
    }
  }

  Schema at(String keyword) {
    Object inner = get(keyword);
    if (inner == null) {
      throw error("\"" + keyword + "\" is missing");
    }
    return new Schema(inner, path + "/" + keyword);
  }

  /** The same without some keywords. */
  Schema without(String... names) {
    Map<Object, Object> rest = new LinkedHashMap<>(keywords());
    for (String name : names) {
      rest.remove(name);
    }
    return new Schema(rest, path);
  }

  List<Schema> schemas(String keyword) {
    if (!(get(keyword) instanceof List<?> list)) {
      throw bad(keyword, "an array of schemas");
    }
    return IntStream.range(0, list.size())
        .mapToObj(i -> new Schema(list.get(i), path + "/" + keyword + "/" + i))
        .toList();
  }

  Map<String, Schema> properties() {
    Map<String, Schema> properties = new LinkedHashMap<>();
    if (has("properties")) {
      if (!(get("properties") instanceof Map<?, ?> map)) {
        throw bad("properties", "an object of schemas");
      }
      map.forEach(
          (name, schema) ->
              properties.put((String) name, new Schema(schema, path + "/properties/" + name)));
    }
    return properties;
  }

  List<String> strings(String keyword) {
    List<String> strings = new ArrayList<>();
    if (has(keyword)) {
      if (!(get(keyword) instanceof List<?> list)
          || !list.stream().allMatch(String.class::isInstance)) {
        throw bad(keyword, "an array of strings");
      }
      list.forEach(item -> strings.add((String) item));
    }
    return strings;
  }

  @Nullable String string(String keyword) {
    if (!has(keyword)) {
      return null;
    }
    if (!(get(keyword) instanceof String string)) {
      throw bad(keyword, "a string");
    }
    return string;
  }

  @Nullable BigDecimal number(String keyword) {
    if (!has(keyword)) {
      return null;
    }
    if (!(get(keyword) instanceof BigDecimal number)) {
      throw bad(keyword, "a number");
    }
    return number;
  }

  boolean flag(String keyword) {
    if (has(keyword) && !(get(keyword) instanceof Boolean)) {
      throw bad(keyword, "true or false");
    }
    return Boolean.TRUE.equals(get(keyword));
  }

  /** A count of at least 0; one too large for an int means no limit. */
  int count(String keyword, int defaultValue) {
    BigDecimal number = number(keyword);
    if (number == null) {
      return defaultValue;
    }
    if (number.signum() < 0 || number.scale() > 0) {
      throw bad(keyword, "a whole number of at least 0");
    }
    return number.min(BigDecimal.valueOf(Expression.UNLIMITED)).intValue();
  }

  /** The types that a value may have; if the schema has none, those that its keywords are for. */
  List<String> types() {
    Object type = get("type");
    if (type == null) {
      return implied();
    }
    List<?> named = type instanceof List<?> list ? list : List.of(type);
    List<String> types = new ArrayList<>();
    for (Object name : named) {
      if (!(name instanceof String known) || !TYPES.contains(known)) {
        IllegalArgumentException bad =
            bad("type", "one of " + String.join(", ", TYPES) + " or an array of them");
        throw NearestName.of(String.valueOf(name), TYPES)
            .map(meant -> bad.getMessage() + ". Did you mean \"" + meant + "\"?")
            .map(IllegalArgumentException::new)
            .orElse(bad);
      }
      types.add(known);
    }
    if (types.contains("number")) {
      types.remove("integer");
    }
    return types;
  }

  private List<String> implied() {
    List<String> types = new ArrayList<>();
    if (hasAny(OBJECT)) {
      types.add("object");
    }
    if (hasAny(ARRAY)) {
      types.add("array");
    }
    if (hasAny(STRING)) {
      types.add("string");
    }
    if (hasAny(NUMBER)) {
      types.add("number");
    }
    return types.isEmpty()
        ? List.of("object", "array", "string", "number", "boolean", "null")
        : types;
  }
}
