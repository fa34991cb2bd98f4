package io.fundamentallm.webservice.json;

import io.fundamentallm.webservice.error.ApiException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON of requests, and writes that of responses. */
public final class JsonBodies {
  private static final int NESTING = 200;

  private static final int NUMBER_LENGTH = 100;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(NESTING)
                          .maxNumberLength(NUMBER_LENGTH)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private JsonBodies() {}

  /**
   * The fields of a request.
   *
   * @throws ApiException if it is not a JSON object
   */
  public static Fields read(byte[] body) {
    return new Fields(tree(null, body), "");
  }

  /**
   * Any JSON.
   *
   * @param param which part of the request it is; null for its body
   * @throws ApiException if it is not JSON
   */
  public static JsonNode tree(@Nullable String param, byte[] json) {
    try {
      return MAPPER.readTree(json);
    } catch (JacksonException | NumberFormatException e) { // the latter for vast exponents
      throw ApiException.invalid(
          param,
          (param == null ? "the request's body" : "'" + param + "'")
              + " is not JSON: "
              + JsonFault.of(json, NESTING, NUMBER_LENGTH));
    }
  }

  /** A value of maps, lists, texts, numbers and flags. */
  public static byte[] write(Object value) {
    return MAPPER.writeValueAsBytes(value);
  }
}
