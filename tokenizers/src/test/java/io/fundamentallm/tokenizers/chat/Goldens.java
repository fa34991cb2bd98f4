package io.fundamentallm.tokenizers.chat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What Python's jinja2 3.1.6 renders, set up as Hugging Face's library does. */
final class Goldens {
  private Goldens() {}

  /** A resource as lists, maps, strings and booleans. */
  static List<?> read(String name) {
    try (InputStream in = Objects.requireNonNull(Goldens.class.getResourceAsStream(name), name);
        JsonParser parser = new JsonFactory().createParser(in)) {
      parser.nextToken();
      return (List<?>) value(parser);
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      List<Object> list = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        list.add(value(parser));
      }
      return list;
    } else if (parser.currentToken() == JsonToken.START_OBJECT) {
      Map<String, Object> map = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        map.put(key, value(parser));
      }
      return map;
    } else if (parser.currentToken().isBoolean()) {
      return parser.getBooleanValue();
    }
    return parser.getText();
  }
}
