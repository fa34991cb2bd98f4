package io.fundamentallm.samplers.decode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The test vectors of other systems, as maps, lists, texts, flags and doubles. */
final class GoldenCases {
  private GoldenCases() {}

  /** One case. */
  record Case(Map<String, Object> fields) {
    String text(String key) {
      return (String) fields.get(key);
    }

    Case part(String key) {
      return new Case(map(fields.get(key)));
    }

    boolean has(String key) {
      return fields.containsKey(key);
    }

    double number(String key) {
      return (Double) fields.get(key);
    }

    int integer(String key) {
      return (int) number(key);
    }

    List<Object> list(String key) {
      return GoldenCases.list(fields.get(key));
    }

    List<Integer> integers(String key) {
      return GoldenCases.integers(fields.get(key));
    }

    double[] numbers(String key) {
      return GoldenCases.numbers(fields.get(key));
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  static List<Integer> integers(Object value) {
    return list(value).stream().map(number -> ((Double) number).intValue()).toList();
  }

  static double[] numbers(Object value) {
    return list(value).stream()
        .mapToDouble(n -> n instanceof String text ? Double.parseDouble(text) : (Double) n)
        .toArray();
  }

  static List<Case> read() throws IOException {
    try (InputStream in = GoldenCases.class.getResourceAsStream("/sampling.json");
        JsonParser parser = new JsonFactory().createParser(in)) {
      parser.nextToken();
      List<Case> cases = new ArrayList<>();
      for (Object value : list(map(value(parser)).get("cases"))) {
        cases.add(new Case(map(value)));
      }
      return cases;
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          map.put(name, value(parser));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }
}
