package io.fundamentallm.samplers.decode;

import io.fundamentallm.samplers.GoldenCase;
import java.io.IOException;
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
    return GoldenCase.all().stream().map(one -> new Case(one.json())).toList();
  }
}
