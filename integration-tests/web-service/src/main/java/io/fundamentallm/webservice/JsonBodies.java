package io.fundamentallm.webservice;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON of requests, and writes that of responses. */
final class JsonBodies {
  private static final int NESTING = 200;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(NESTING)
                          .maxNumberLength(100)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private JsonBodies() {}

  /**
   * The fields of a request.
   *
   * @throws ApiException where it is no JSON object
   */
  static Fields read(byte[] body) {
    JsonNode json;
    try {
      json = MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw ApiException.invalid(null, "the request's body is not JSON: " + e.getOriginalMessage());
    }
    return new Fields(json, "");
  }

  /** A value of maps, lists, texts, numbers and flags. */
  static byte[] write(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }
}
