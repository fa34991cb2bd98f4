package io.fundamentallm.webservice.request;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.webservice.json.Fields;
import tools.jackson.databind.JsonNode;

/** Arrays of token ids. */
final class TokenIds {
  private TokenIds() {}

  /**
   * The ids in an array.
   *
   * @throws io.fundamentallm.webservice.error.ApiException if it is none, or has one that the
   *     tokenizer lacks
   */
  static int[] read(Fields fields, String name, JsonNode array, Tokenizer tokenizer) {
    int size = tokenizer.vocabulary().size();
    String expected = "must be an array of token ids from 0 to " + (size - 1);
    if (!array.isArray()) {
      throw fields.bad(name, expected);
    }
    int[] tokens = new int[array.size()];
    for (int i = 0; i < tokens.length; i++) {
      Long id = Fields.whole(array.get(i), 0, size - 1);
      if (id == null) {
        throw fields.bad(name, expected);
      }
      tokens[i] = id.intValue();
    }
    return tokens;
  }
}
