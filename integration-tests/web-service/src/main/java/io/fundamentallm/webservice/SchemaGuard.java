package io.fundamentallm.webservice;

import tools.jackson.databind.JsonNode;

/** Refuses JSON Schemas that are out of proportion, before they are compiled. */
final class SchemaGuard {
  private static final String PARAM = "response_format.json_schema.schema";

  private SchemaGuard() {}

  /**
   * The schema's text.
   *
   * @throws ApiException where it is too long or nested too deeply
   */
  static String checked(JsonNode schema, Limits limits) {
    if (depth(schema) > limits.schemaDepth()) {
      throw ApiException.invalid(
          PARAM,
          "the schema has more than "
              + limits.schemaDepth()
              + " arrays and objects within each other, the most allowed here");
    }
    String text = schema.toString();
    if (text.length() > limits.spec().toBytes()) {
      throw ApiException.invalid(
          PARAM,
          "the schema is longer than "
              + limits.spec().toBytes()
              + " characters, the most allowed here");
    }
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
}
