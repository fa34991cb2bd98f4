package io.fundamentallm.webservice.constraint;

import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.Limits;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Refuses excessive JSON Schemas before they are compiled. Besides length and depth, that means
 * what becomes large when references are followed: two schemas that must both hold are combined,
 * with everything that they refer to, so thirty definitions that each name the next one twice
 * become a thousand million.
 */
public final class SchemaGuard {
  /** Far above what people combine, and compiled in well under a second. */
  private static final long MAX_COMBINED = 2_000;

  private static final long ENDLESS = Long.MAX_VALUE / 4;

  /** Keywords that do not affect validity, and definitions, which count where they are used. */
  private static final Set<String> SILENT =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions");

  /** Keywords whose values are objects of schemas, by names that are not keywords. */
  private static final Set<String> NAMED = Set.of("properties", "$defs", "definitions");

  private final String param;
  private final JsonNode document;

  /** How many schemas each one is when its references are followed; endless while being counted. */
  private final IdentityHashMap<JsonNode, Long> sizes = new IdentityHashMap<>();

  private SchemaGuard(String param, JsonNode document) {
    this.param = param;
    this.document = document;
  }

  /**
   * The schema's text.
   *
   * @param param where it is in the request
   * @throws ApiException if it is too long, too deep, or combines too much
   */
  public static String checked(String param, JsonNode schema, Limits limits) {
    if (depth(schema) > limits.schemaDepth()) {
      throw ApiException.invalid(
          param,
          "the schema has more than "
              + limits.schemaDepth()
              + " arrays and objects within each other, the most allowed here");
    }
    String text = schema.toString();
    if (text.length() > limits.spec().toBytes()) {
      throw ApiException.invalid(
          param,
          "the schema is longer than "
              + limits.spec().toBytes()
              + " characters, the most allowed here");
    }
    new SchemaGuard(param, schema).check(schema);
    return text;
  }

  /** Recurses no deeper than a request may be nested. */
  private static int depth(JsonNode node) {
    int deepest = 0;
    for (JsonNode inner : node) {
      deepest = Math.max(deepest, depth(inner));
    }
    return node.isContainer() ? deepest + 1 : 0;
  }

  private void check(JsonNode node) {
    if (combines(node) && size(node) > MAX_COMBINED) {
      throw ApiException.invalid(
          param,
          "the schema combines, by allOf or by keywords beside $ref, anyOf or oneOf, what refers"
              + " to itself or is more than "
              + MAX_COMBINED
              + " schemas when its references are followed: write it without combining these");
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (NAMED.contains(entry.getKey())) {
        entry.getValue().forEach(this::check); // whatever they are called
      } else {
        check(entry.getValue());
      }
    }
    if (node.isArray()) {
      node.forEach(this::check);
    }
  }

  private static boolean combines(JsonNode node) {
    int parts = node.path("allOf").size();
    boolean refers = node.has("$ref") || node.has("anyOf") || node.has("oneOf");
    boolean more = false;
    for (String name : node.propertyNames()) {
      more |= !SILENT.contains(name) && !Set.of("allOf", "$ref", "anyOf", "oneOf").contains(name);
    }
    return parts > 1 || ((refers || parts > 0) && more) || (refers && parts > 0);
  }

  private long size(JsonNode node) {
    Long known = sizes.putIfAbsent(node, ENDLESS);
    if (known != null) {
      return known;
    }
    long size = 1;
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String keyword = entry.getKey();
      if (keyword.equals("$ref") && entry.getValue().isString()) {
        JsonNode target = target(entry.getValue().stringValue());
        size += target == null ? 0 : size(target);
      } else if (keyword.equals("properties")) {
        size += sizeOfAll(entry.getValue());
      } else if (!SILENT.contains(keyword)) {
        size += size(entry.getValue());
      }
      size = Math.min(size, ENDLESS);
    }
    if (node.isArray()) {
      size = Math.min(ENDLESS, size + sizeOfAll(node));
    }
    sizes.put(node, size);
    return size;
  }

  private long sizeOfAll(JsonNode nodes) {
    long size = 0;
    for (JsonNode inner : nodes) {
      size = Math.min(ENDLESS, size + size(inner));
    }
    return size;
  }

  /** What a reference means to the compiler; null if the compiler will refuse it. */
  private @Nullable JsonNode target(String reference) {
    JsonNode at = document;
    if (reference.indexOf('%') >= 0) {
      throw ApiException.invalid(
          param,
          "the schema has a $ref with %, which is not supported: write the character itself");
    }
    String[] names = reference.split("/", -1);
    for (int i = 1; i < names.length && at != null; i++) {
      String name = names[i].replace("~1", "/").replace("~0", "~");
      at =
          at.isArray()
              ? (name.matches("[0-9]{1,9}") ? at.get(Integer.parseInt(name)) : null)
              : at.get(name);
    }
    return at;
  }
}
